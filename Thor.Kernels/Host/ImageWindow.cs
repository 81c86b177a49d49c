using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    public int Offset(int row, int column) => (row * Pitch) + (column % Split * Run) + (column / Split);

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

                for (int i = 0; i < count; i++)
                {
                    to[((firstColumn + i) % Split * Run) + ((firstColumn + i) / Split)] = from[i];
                }
            }
        }
    }
}
