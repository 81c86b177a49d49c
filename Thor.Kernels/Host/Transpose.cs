using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Transposition of a matrix in cache, by blocks that fit into registers.</summary>
internal static unsafe class Transpose
{
    /// <summary>y[j, i] = x[i, j] for i below <paramref name="rows"/> and j below <paramref name="columns"/>; strides between rows of x and of y.</summary>
    public static void Run<T>(T* x, long strideX, T* y, long strideY, nint rows, nint columns)
        where T : unmanaged
    {
        nint block = sizeof(T) == 4 ? 8 : 4;
        nint fullRows = Avx.IsSupported ? rows / block * block : 0;
        nint fullColumns = Avx.IsSupported ? columns / block * block : 0;
        for (nint j = 0; j < fullColumns; j += block)
        {
            for (nint i = 0; i < fullRows; i += block)
            {
                T* from = x + (i * strideX) + j;
                T* to = y + (j * strideY) + i;
                if (sizeof(T) == 4)
                {
                    Eight((float*)from, strideX, (float*)to, strideY);
                }
                else
                {
                    Four((double*)from, strideX, (double*)to, strideY);
                }
            }
        }

        Rest(x, strideX, y, strideY, 0, fullRows, fullColumns, columns);
        Rest(x, strideX, y, strideY, fullRows, rows, 0, columns);
    }

    private static void Rest<T>(T* x, long strideX, T* y, long strideY, nint firstRow, nint rows, nint firstColumn, nint columns)
        where T : unmanaged
    {
        for (nint j = firstColumn; j < columns; j++)
        {
            for (nint i = firstRow; i < rows; i++)
            {
                y[(j * strideY) + i] = x[(i * strideX) + j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight(float* x, long strideX, float* y, long strideY)
    {
        // Pairs of rows interleaved, then pairs of pairs, then the halves exchanged. The inserts join rows i and i + 4.
        Vector256<float> r0 = Join(x, x + (4 * strideX));
        Vector256<float> r1 = Join(x + strideX, x + (5 * strideX));
        Vector256<float> r2 = Join(x + (2 * strideX), x + (6 * strideX));
        Vector256<float> r3 = Join(x + (3 * strideX), x + (7 * strideX));
        Quarter(r0, r1, r2, r3, y, strideY);
        r0 = Join(x + 4, x + (4 * strideX) + 4);
        r1 = Join(x + strideX + 4, x + (5 * strideX) + 4);
        r2 = Join(x + (2 * strideX) + 4, x + (6 * strideX) + 4);
        r3 = Join(x + (3 * strideX) + 4, x + (7 * strideX) + 4);
        Quarter(r0, r1, r2, r3, y + (4 * strideY), strideY);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Join(float* low, float* high) => Vector256.Create(Vector128.Load(low), Vector128.Load(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* y, long strideY)
    {
        Vector256<double> a = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> b = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> c = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> d = Avx.UnpackHigh(r2, r3).AsDouble();
        Avx.UnpackLow(a, c).AsSingle().Store(y);
        Avx.UnpackHigh(a, c).AsSingle().Store(y + strideY);
        Avx.UnpackLow(b, d).AsSingle().Store(y + (2 * strideY));
        Avx.UnpackHigh(b, d).AsSingle().Store(y + (3 * strideY));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(double* x, long strideX, double* y, long strideY)
    {
        for (int half = 0; half < 2; half++)
        {
            Vector256<double> r0 = Vector256.Create(Vector128.Load(x), Vector128.Load(x + (2 * strideX)));
            Vector256<double> r1 = Vector256.Create(Vector128.Load(x + strideX), Vector128.Load(x + (3 * strideX)));
            Avx.UnpackLow(r0, r1).Store(y);
            Avx.UnpackHigh(r0, r1).Store(y + strideY);
            x += 2;
            y += 2 * strideY;
        }
    }
}
