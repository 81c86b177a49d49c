using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Transposition in registers.</summary>
internal static unsafe class TileTranspose
{
    /// <summary>Rows and columns of the blocks that registers transpose.</summary>
    public static int Block<T>()
        where T : unmanaged => Avx.IsSupported ? Vector256<T>.Count : 1;

    /// <summary>y[j, i] = x[i, j] for x (rows, columns); the matrices must not overlap.</summary>
    public static void Run<T>(T* x, nint xStride, T* y, nint yStride, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int block = Block<T>();
        int fullRows = block == 1 ? 0 : rows - (rows % block);
        int fullColumns = columns - (columns % block);
        for (int i = 0; i < fullRows; i += block)
        {
            for (int j = 0; j < fullColumns; j += block)
            {
                Square(x + (i * xStride) + j, xStride, y + (j * yStride) + i, yStride);
            }

            Elements(x + (i * xStride) + fullColumns, xStride, y + (fullColumns * yStride) + i, yStride, block, columns - fullColumns);
        }

        Elements(x + (fullRows * xStride), xStride, y + fullRows, yStride, rows - fullRows, columns);
    }

    /// <summary>Copies the lower triangle of a square matrix to the upper one.</summary>
    public static void MirrorLower<T>(T* tile, nint stride, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int block = Block<T>();
        int full = block == 1 ? 0 : n - (n % block);
        for (int i = 0; i < full; i += block)
        {
            for (int j = 0; j < i; j += block)
            {
                Square(tile + (i * stride) + j, stride, tile + (j * stride) + i, stride);
            }

            for (int row = i + 1; row < i + block; row++)
            {
                for (int column = i; column < row; column++)
                {
                    tile[(column * stride) + row] = tile[(row * stride) + column];
                }
            }
        }

        for (int row = full; row < n; row++)
        {
            for (int column = 0; column < row; column++)
            {
                tile[(column * stride) + row] = tile[(row * stride) + column];
            }
        }
    }

    private static void Elements<T>(T* x, nint xStride, T* y, nint yStride, int rows, int columns)
        where T : unmanaged
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                y[(j * yStride) + i] = x[(i * xStride) + j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square<T>(T* x, nint xStride, T* y, nint yStride)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            Square((float*)x, xStride, (float*)y, yStride);
        }
        else
        {
            Square((double*)x, xStride, (double*)y, yStride);
        }
    }

    // Pairs of rows are interleaved by element, then by pairs, then their halves change places.
    private static void Square(float* x, nint xStride, float* y, nint yStride)
    {
        Vector256<float> r0 = Vector256.Load(x);
        Vector256<float> r1 = Vector256.Load(x + xStride);
        Vector256<float> r2 = Vector256.Load(x + (2 * xStride));
        Vector256<float> r3 = Vector256.Load(x + (3 * xStride));
        Vector256<float> r4 = Vector256.Load(x + (4 * xStride));
        Vector256<float> r5 = Vector256.Load(x + (5 * xStride));
        Vector256<float> r6 = Vector256.Load(x + (6 * xStride));
        Vector256<float> r7 = Vector256.Load(x + (7 * xStride));
        Vector256<double> t0 = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> t1 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> t2 = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> t3 = Avx.UnpackHigh(r2, r3).AsDouble();
        Vector256<double> t4 = Avx.UnpackLow(r4, r5).AsDouble();
        Vector256<double> t5 = Avx.UnpackHigh(r4, r5).AsDouble();
        Vector256<double> t6 = Avx.UnpackLow(r6, r7).AsDouble();
        Vector256<double> t7 = Avx.UnpackHigh(r6, r7).AsDouble();
        Halves(Avx.UnpackLow(t0, t2), Avx.UnpackLow(t4, t6), y, 4 * yStride);
        Halves(Avx.UnpackHigh(t0, t2), Avx.UnpackHigh(t4, t6), y + yStride, 4 * yStride);
        Halves(Avx.UnpackLow(t1, t3), Avx.UnpackLow(t5, t7), y + (2 * yStride), 4 * yStride);
        Halves(Avx.UnpackHigh(t1, t3), Avx.UnpackHigh(t5, t7), y + (3 * yStride), 4 * yStride);
    }

    private static void Square(double* x, nint xStride, double* y, nint yStride)
    {
        Vector256<double> r0 = Vector256.Load(x);
        Vector256<double> r1 = Vector256.Load(x + xStride);
        Vector256<double> r2 = Vector256.Load(x + (2 * xStride));
        Vector256<double> r3 = Vector256.Load(x + (3 * xStride));
        Halves(Avx.UnpackLow(r0, r1), Avx.UnpackLow(r2, r3), (float*)y, 4 * yStride);
        Halves(Avx.UnpackHigh(r0, r1), Avx.UnpackHigh(r2, r3), (float*)(y + yStride), 4 * yStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Vector256<double> low, Vector256<double> high, float* y, nint distance)
    {
        Avx.Permute2x128(low, high, 0x20).AsSingle().Store(y);
        Avx.Permute2x128(low, high, 0x31).AsSingle().Store(y + distance);
    }
}
