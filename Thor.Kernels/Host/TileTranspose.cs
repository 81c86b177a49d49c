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

    /// <summary>Rows and columns of the largest blocks that there are.</summary>
    public const int LargestBlock = 16;

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

    /// <summary>y[j, i] = x[offsets[i] + j] in whole blocks, so that rows behind the last are written too.</summary>
    /// <param name="x">Where offsets count from.</param>
    /// <param name="offsets">Where columns of y begin.</param>
    /// <param name="y">First element.</param>
    /// <param name="yStride">Elements from one row to the next.</param>
    /// <param name="rows">Rows of y.</param>
    /// <param name="columns">Columns of y: a multiple of <see cref="LargestBlock"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather<T>(T* x, nint* offsets, T* y, nint yStride, int rows, int columns)
        where T : unmanaged
    {
        int block = Block<T>();
        for (int group = 0; group < columns; group += LargestBlock)
        {
            // Whole lines of y.
            for (int j = 0; j < rows; j += block)
            {
                for (int i = group; i < group + LargestBlock; i += block)
                {
                    if (block == 1)
                    {
                        y[(j * yStride) + i] = x[offsets[i] + j];
                    }
                    else if (typeof(T) == typeof(float))
                    {
                        Square((float*)x + j, offsets + i, (float*)y + (j * yStride) + i, yStride);
                    }
                    else
                    {
                        Square((double*)x + j, offsets + i, (double*)y + (j * yStride) + i, yStride);
                    }
                }
            }
        }
    }

    /// <summary>Copies the lower triangle of a square matrix to the upper one.</summary>
    public static void MirrorLower<T>(T* tile, nint stride, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => MirrorLower(tile, stride, 0, n);

    /// <summary>Copies what rows hold on the left of the diagonal to the columns above it.</summary>
    /// <param name="tile">First element of the matrix.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="row">First row: a multiple of <see cref="LargestBlock"/>.</param>
    /// <param name="n">The row after the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MirrorLower<T>(T* tile, nint stride, int row, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        row = typeof(T) == typeof(float) && Vector512.IsHardwareAccelerated ? MirrorLower512((float*)tile, stride, row, n) : row;
        int block = Block<T>();
        T* turned = stackalloc T[block * block];
        for (; block > 1 && row <= n - block; row += block)
        {
            for (int column = 0; column < row; column += block)
            {
                Square(tile + (row * stride) + column, stride, tile + (column * stride) + row, stride);
            }

            T* corner = tile + (row * stride) + row;
            Square(corner, stride, turned, block);
            for (int i = 0; i < block - 1; i++)
            {
                T* place = corner + (i * stride);
                Vector256.ConditionalSelect(
                    Vector256.GreaterThan(Vector256<T>.Indices, Vector256.Create(T.CreateTruncating(i))),
                    Vector256.Load(turned + (i * block)),
                    Vector256.Load(place)).Store(place);
            }
        }

        for (; row < n; row++)
        {
            for (int column = 0; column < row; column++)
            {
                tile[(column * stride) + row] = tile[(row * stride) + column];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MirrorLower512(float* tile, nint stride, int row, int n)
    {
        float* turned = stackalloc float[16 * 16];
        for (; row <= n - 16; row += 16)
        {
            for (int column = 0; column < row; column += 16)
            {
                Square512(tile + (row * stride) + column, stride, tile + (column * stride) + row, stride);
            }

            float* corner = tile + (row * stride) + row;
            Square512(corner, stride, turned, 16);
            for (int i = 0; i < 15; i++)
            {
                float* place = corner + (i * stride);
                Vector512.ConditionalSelect(
                    Vector512.GreaterThan(Vector512<float>.Indices, Vector512.Create((float)i)),
                    Vector512.Load(turned + (i * 16)),
                    Vector512.Load(place)).Store(place);
            }
        }

        return row;
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

    private static void Square(float* x, nint xStride, float* y, nint yStride) => Square(
        Vector256.Load(x),
        Vector256.Load(x + xStride),
        Vector256.Load(x + (2 * xStride)),
        Vector256.Load(x + (3 * xStride)),
        Vector256.Load(x + (4 * xStride)),
        Vector256.Load(x + (5 * xStride)),
        Vector256.Load(x + (6 * xStride)),
        Vector256.Load(x + (7 * xStride)),
        y,
        yStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(float* x, nint* offsets, float* y, nint yStride) => Square(
        Vector256.Load(x + offsets[0]),
        Vector256.Load(x + offsets[1]),
        Vector256.Load(x + offsets[2]),
        Vector256.Load(x + offsets[3]),
        Vector256.Load(x + offsets[4]),
        Vector256.Load(x + offsets[5]),
        Vector256.Load(x + offsets[6]),
        Vector256.Load(x + offsets[7]),
        y,
        yStride);

    // Pairs of rows are interleaved by element, then by pairs, then their halves change places.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(
        Vector256<float> r0,
        Vector256<float> r1,
        Vector256<float> r2,
        Vector256<float> r3,
        Vector256<float> r4,
        Vector256<float> r5,
        Vector256<float> r6,
        Vector256<float> r7,
        float* y,
        nint yStride)
    {
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

    /// <summary>y[j, i] = x[i, j] for 16 x 16 elements.</summary>
    /// <remarks>Pairs of rows are interleaved by element, then by pairs; then quarters of rows change places, twice.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square512(float* x, nint xStride, float* y, nint yStride)
    {
        Quads(x, xStride, out Vector512<float> q00, out Vector512<float> q01, out Vector512<float> q02, out Vector512<float> q03);
        Quads(x + (4 * xStride), xStride, out Vector512<float> q10, out Vector512<float> q11, out Vector512<float> q12, out Vector512<float> q13);
        Quads(x + (8 * xStride), xStride, out Vector512<float> q20, out Vector512<float> q21, out Vector512<float> q22, out Vector512<float> q23);
        Quads(x + (12 * xStride), xStride, out Vector512<float> q30, out Vector512<float> q31, out Vector512<float> q32, out Vector512<float> q33);
        Quarters(q00, q10, q20, q30, y, 4 * yStride);
        Quarters(q01, q11, q21, q31, y + yStride, 4 * yStride);
        Quarters(q02, q12, q22, q32, y + (2 * yStride), 4 * yStride);
        Quarters(q03, q13, q23, q33, y + (3 * yStride), 4 * yStride);
    }

    /// <summary>The 4 x 4 corners of four rows, each transposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quads(
        float* x, nint stride, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3)
    {
        Vector512<float> r0 = Vector512.Load(x);
        Vector512<float> r1 = Vector512.Load(x + stride);
        Vector512<float> r2 = Vector512.Load(x + (2 * stride));
        Vector512<float> r3 = Vector512.Load(x + (3 * stride));
        Vector512<double> t0 = Avx512F.UnpackLow(r0, r1).AsDouble();
        Vector512<double> t1 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> t2 = Avx512F.UnpackLow(r2, r3).AsDouble();
        Vector512<double> t3 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        c0 = Avx512F.UnpackLow(t0, t2).AsSingle();
        c1 = Avx512F.UnpackHigh(t0, t2).AsSingle();
        c2 = Avx512F.UnpackLow(t1, t3).AsSingle();
        c3 = Avx512F.UnpackHigh(t1, t3).AsSingle();
    }

    /// <summary>Stores the first quarters of all, then the second ones, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* y, nint distance)
    {
        Vector512<float> evenLeft = Avx512F.Shuffle4x128(a, b, 0x88);
        Vector512<float> oddLeft = Avx512F.Shuffle4x128(a, b, 0xDD);
        Vector512<float> evenRight = Avx512F.Shuffle4x128(c, d, 0x88);
        Vector512<float> oddRight = Avx512F.Shuffle4x128(c, d, 0xDD);
        Avx512F.Shuffle4x128(evenLeft, evenRight, 0x88).Store(y);
        Avx512F.Shuffle4x128(oddLeft, oddRight, 0x88).Store(y + distance);
        Avx512F.Shuffle4x128(evenLeft, evenRight, 0xDD).Store(y + (2 * distance));
        Avx512F.Shuffle4x128(oddLeft, oddRight, 0xDD).Store(y + (3 * distance));
    }

    private static void Square(double* x, nint xStride, double* y, nint yStride) =>
        Square(Vector256.Load(x), Vector256.Load(x + xStride), Vector256.Load(x + (2 * xStride)), Vector256.Load(x + (3 * xStride)), y, yStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(double* x, nint* offsets, double* y, nint yStride) => Square(
        Vector256.Load(x + offsets[0]), Vector256.Load(x + offsets[1]), Vector256.Load(x + offsets[2]), Vector256.Load(x + offsets[3]), y, yStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(Vector256<double> r0, Vector256<double> r1, Vector256<double> r2, Vector256<double> r3, double* y, nint yStride)
    {
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
