using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// A rectangle of an image, possibly reaching beyond its edges, copied with zeros around it. With a split above 1, each row is stored as
/// that many runs of every split-th column, so that a convolution with that stride reads neighbours.
/// </summary>
/// <param name="Channels">Planes copied together.</param>
/// <param name="Height">Rows of the image.</param>
/// <param name="Width">Columns of the image.</param>
/// <param name="Top">Image row of the rectangle's first row; may be negative.</param>
/// <param name="Left">Image column of the rectangle's first column; may be negative.</param>
/// <param name="Rows">Rows of the rectangle.</param>
/// <param name="Columns">Columns of the rectangle.</param>
/// <param name="Split">Runs per row.</param>
internal readonly record struct ImageWindow(int Channels, int Height, int Width, int Top, int Left, int Rows, int Columns, int Split)
{
    /// <summary>Elements of one run.</summary>
    public int Run => (Columns + Split - 1) / Split;

    /// <summary>Elements from row to row.</summary>
    public int Pitch => Run * Split;

    /// <summary>Elements from plane to plane.</summary>
    public int Plane => Rows * Pitch;

    /// <summary>Elements in all.</summary>
    public long Length => (long)Channels * Plane;

    /// <summary>True when the copy would be the image itself.</summary>
    public bool IsWhole => Top == 0 && Left == 0 && Rows == Height && Columns == Width && Split == 1;

    /// <summary>Where an element is stored in its plane.</summary>
    public int Offset(int row, int column) => (row * Pitch) + Place(column);

    /// <summary>Copies the planes of an image.</summary>
    public unsafe void Fill<T>(T* image, T* target)
        where T : unmanaged
    {
        NativeMemory.Clear(target, checked((nuint)(Length * sizeof(T))));
        int firstRow = Math.Max(0, -Top);
        int lastRow = Math.Min(Rows, Height - Top);
        int firstColumn = Math.Max(0, -Left);
        int count = Math.Min(Columns, Width - Left) - firstColumn;
        for (int c = 0; c < Channels && count > 0; c++)
        {
            for (int row = firstRow; row < lastRow; row++)
            {
                T* from = image + ((((long)c * Height) + Top + row) * Width) + Left + firstColumn;
                T* to = target + ((long)c * Plane) + (row * Pitch);
                if (Split == 1)
                {
                    Unsafe.CopyBlockUnaligned(to + firstColumn, from, (uint)(count * sizeof(T)));
                    continue;
                }

                int taken = 0;
                if (Split == 2 && sizeof(T) == 4 && Avx512F.IsSupported)
                {
                    // The first column goes to the run of its parity; every other one after it follows there.
                    taken = count & ~31;
                    Alternate((float*)from, (float*)(to + Place(firstColumn)), (float*)(to + Place(firstColumn + 1)), taken);
                }

                for (int phase = 0; phase < Split; phase++)
                {
                    T* run = to + Place(firstColumn + taken + phase);
                    for (int i = taken + phase; i < count; i += Split)
                    {
                        *run++ = from[i];
                    }
                }
            }
        }
    }

    private int Place(int column) => (column % Split * Run) + (column / Split);

    private static unsafe void Alternate(float* source, float* even, float* odd, int count)
    {
        Vector512<int> pairs = Vector512<int>.Indices * 2;
        for (int i = 0; i < count; i += 32)
        {
            Vector512<float> low = Vector512.Load(source + i);
            Vector512<float> high = Vector512.Load(source + i + 16);
            Vector512.Store(Avx512F.PermuteVar16x32x2(low, pairs, high), even + (i / 2));
            Vector512.Store(Avx512F.PermuteVar16x32x2(low, pairs + Vector512<int>.One, high), odd + (i / 2));
        }
    }
}
