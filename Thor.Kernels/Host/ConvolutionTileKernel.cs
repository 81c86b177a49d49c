using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>What one tile is made of and where it goes.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe struct ConvolutionTileArguments<T>
    where T : unmanaged
{
    /// <summary>Steps of the sum.</summary>
    public int Count;

    /// <summary>Per step, the offset of its rows in <see cref="Left"/> and the offset of its lanes in <see cref="Right"/>.</summary>
    public int* Offsets;

    /// <summary>Holds, for each step, the tile's rows next to each other.</summary>
    public T* Left;

    /// <summary>Holds, for each step, the tile's lanes next to each other.</summary>
    public T* Right;

    /// <summary>Where the second half of the tile lies, from the first: in Right if the halves share rows, in Left if they share lanes.</summary>
    public nint Second;

    /// <summary>What the sums start from.</summary>
    public T* Start;

    /// <summary>Distance between rows of Start.</summary>
    public nint StartRow;

    /// <summary>Distance between halves of Start.</summary>
    public nint StartHalf;

    /// <summary>Where the sums go; may be Start.</summary>
    public T* Target;

    /// <summary>Distance between rows of Target.</summary>
    public nint TargetRow;

    /// <summary>Distance between halves of Target.</summary>
    public nint TargetHalf;
}

/// <summary>
/// The register-blocked product behind every convolution: target[r, l] = start[r, l] + sum over steps of left[r] * right[l], for up to
/// 14 rows and two halves of one register each. All 28 sums stay in registers; each step loads two registers and broadcasts each row once
/// (halves share rows) or loads one register and broadcasts two sets of rows (halves share lanes).
/// </summary>
/// <remarks>Where the operands of a step lie is said by a table, so images are never unrolled into matrices: a table is what strides, dilation and padding differ in.</remarks>
internal static unsafe class ConvolutionTileKernel
{
    /// <summary>Computes one tile of a number of rows from 1 to 14.</summary>
    public static void Run<T, TVector, TLanes>(int rows, bool sharedRows, ref ConvolutionTileArguments<T> tile)
        where T : unmanaged
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
    {
        if (sharedRows)
        {
            Run<T, TVector, TLanes, N1>(rows, ref tile);
        }
        else
        {
            Run<T, TVector, TLanes, N0>(rows, ref tile);
        }
    }

    private static void Run<T, TVector, TLanes, TShared>(int rows, ref ConvolutionTileArguments<T> tile)
        where T : unmanaged
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
        where TShared : struct, IConstant
    {
        switch (rows)
        {
            case 1:
                Compute<T, TVector, TLanes, N1, TShared>(ref tile);
                break;
            case 2:
                Compute<T, TVector, TLanes, N2, TShared>(ref tile);
                break;
            case 3:
                Compute<T, TVector, TLanes, N3, TShared>(ref tile);
                break;
            case 4:
                Compute<T, TVector, TLanes, N4, TShared>(ref tile);
                break;
            case 5:
                Compute<T, TVector, TLanes, N5, TShared>(ref tile);
                break;
            case 6:
                Compute<T, TVector, TLanes, N6, TShared>(ref tile);
                break;
            case 7:
                Compute<T, TVector, TLanes, N7, TShared>(ref tile);
                break;
            case 8:
                Compute<T, TVector, TLanes, N8, TShared>(ref tile);
                break;
            case 9:
                Compute<T, TVector, TLanes, N9, TShared>(ref tile);
                break;
            case 10:
                Compute<T, TVector, TLanes, N10, TShared>(ref tile);
                break;
            case 11:
                Compute<T, TVector, TLanes, N11, TShared>(ref tile);
                break;
            case 12:
                Compute<T, TVector, TLanes, N12, TShared>(ref tile);
                break;
            case 13:
                Compute<T, TVector, TLanes, N13, TShared>(ref tile);
                break;
            case 14:
                Compute<T, TVector, TLanes, N14, TShared>(ref tile);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rows), rows, "A tile has 1 to 14 rows.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<T, TVector, TLanes, TRows, TShared>(ref ConvolutionTileArguments<T> tile)
        where T : unmanaged
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
        where TRows : struct, IConstant
        where TShared : struct, IConstant
    {
        T* start = tile.Start;
        T* half = start + tile.StartHalf;
        nint stride = tile.StartRow;
        TVector a0 = TRows.Value > 0 ? TLanes.Load(start + (0 * stride)) : TLanes.Zero;
        TVector b0 = TRows.Value > 0 ? TLanes.Load(half + (0 * stride)) : TLanes.Zero;
        TVector a1 = TRows.Value > 1 ? TLanes.Load(start + (1 * stride)) : TLanes.Zero;
        TVector b1 = TRows.Value > 1 ? TLanes.Load(half + (1 * stride)) : TLanes.Zero;
        TVector a2 = TRows.Value > 2 ? TLanes.Load(start + (2 * stride)) : TLanes.Zero;
        TVector b2 = TRows.Value > 2 ? TLanes.Load(half + (2 * stride)) : TLanes.Zero;
        TVector a3 = TRows.Value > 3 ? TLanes.Load(start + (3 * stride)) : TLanes.Zero;
        TVector b3 = TRows.Value > 3 ? TLanes.Load(half + (3 * stride)) : TLanes.Zero;
        TVector a4 = TRows.Value > 4 ? TLanes.Load(start + (4 * stride)) : TLanes.Zero;
        TVector b4 = TRows.Value > 4 ? TLanes.Load(half + (4 * stride)) : TLanes.Zero;
        TVector a5 = TRows.Value > 5 ? TLanes.Load(start + (5 * stride)) : TLanes.Zero;
        TVector b5 = TRows.Value > 5 ? TLanes.Load(half + (5 * stride)) : TLanes.Zero;
        TVector a6 = TRows.Value > 6 ? TLanes.Load(start + (6 * stride)) : TLanes.Zero;
        TVector b6 = TRows.Value > 6 ? TLanes.Load(half + (6 * stride)) : TLanes.Zero;
        TVector a7 = TRows.Value > 7 ? TLanes.Load(start + (7 * stride)) : TLanes.Zero;
        TVector b7 = TRows.Value > 7 ? TLanes.Load(half + (7 * stride)) : TLanes.Zero;
        TVector a8 = TRows.Value > 8 ? TLanes.Load(start + (8 * stride)) : TLanes.Zero;
        TVector b8 = TRows.Value > 8 ? TLanes.Load(half + (8 * stride)) : TLanes.Zero;
        TVector a9 = TRows.Value > 9 ? TLanes.Load(start + (9 * stride)) : TLanes.Zero;
        TVector b9 = TRows.Value > 9 ? TLanes.Load(half + (9 * stride)) : TLanes.Zero;
        TVector a10 = TRows.Value > 10 ? TLanes.Load(start + (10 * stride)) : TLanes.Zero;
        TVector b10 = TRows.Value > 10 ? TLanes.Load(half + (10 * stride)) : TLanes.Zero;
        TVector a11 = TRows.Value > 11 ? TLanes.Load(start + (11 * stride)) : TLanes.Zero;
        TVector b11 = TRows.Value > 11 ? TLanes.Load(half + (11 * stride)) : TLanes.Zero;
        TVector a12 = TRows.Value > 12 ? TLanes.Load(start + (12 * stride)) : TLanes.Zero;
        TVector b12 = TRows.Value > 12 ? TLanes.Load(half + (12 * stride)) : TLanes.Zero;
        TVector a13 = TRows.Value > 13 ? TLanes.Load(start + (13 * stride)) : TLanes.Zero;
        TVector b13 = TRows.Value > 13 ? TLanes.Load(half + (13 * stride)) : TLanes.Zero;

        T* left = tile.Left;
        T* right = tile.Right;
        nint second = tile.Second;
        int* offsets = tile.Offsets;
        int* end = offsets + (2 * (nint)tile.Count);
        TVector row;
        while (offsets < end)
        {
            T* p = left + offsets[0];
            T* q = right + offsets[1];
            offsets += 2;
            TVector x = TLanes.Load(q);
            TVector y = TShared.Value == 1 ? TLanes.Load(q + second) : x;
            T* p2 = p + second;

            if (TRows.Value > 0)
            {
                row = TLanes.Broadcast(p[0]);
                a0 = TLanes.MultiplyAdd(row, x, a0);
                b0 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[0]), y, b0);
            }

            if (TRows.Value > 1)
            {
                row = TLanes.Broadcast(p[1]);
                a1 = TLanes.MultiplyAdd(row, x, a1);
                b1 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[1]), y, b1);
            }

            if (TRows.Value > 2)
            {
                row = TLanes.Broadcast(p[2]);
                a2 = TLanes.MultiplyAdd(row, x, a2);
                b2 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[2]), y, b2);
            }

            if (TRows.Value > 3)
            {
                row = TLanes.Broadcast(p[3]);
                a3 = TLanes.MultiplyAdd(row, x, a3);
                b3 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[3]), y, b3);
            }

            if (TRows.Value > 4)
            {
                row = TLanes.Broadcast(p[4]);
                a4 = TLanes.MultiplyAdd(row, x, a4);
                b4 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[4]), y, b4);
            }

            if (TRows.Value > 5)
            {
                row = TLanes.Broadcast(p[5]);
                a5 = TLanes.MultiplyAdd(row, x, a5);
                b5 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[5]), y, b5);
            }

            if (TRows.Value > 6)
            {
                row = TLanes.Broadcast(p[6]);
                a6 = TLanes.MultiplyAdd(row, x, a6);
                b6 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[6]), y, b6);
            }

            if (TRows.Value > 7)
            {
                row = TLanes.Broadcast(p[7]);
                a7 = TLanes.MultiplyAdd(row, x, a7);
                b7 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[7]), y, b7);
            }

            if (TRows.Value > 8)
            {
                row = TLanes.Broadcast(p[8]);
                a8 = TLanes.MultiplyAdd(row, x, a8);
                b8 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[8]), y, b8);
            }

            if (TRows.Value > 9)
            {
                row = TLanes.Broadcast(p[9]);
                a9 = TLanes.MultiplyAdd(row, x, a9);
                b9 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[9]), y, b9);
            }

            if (TRows.Value > 10)
            {
                row = TLanes.Broadcast(p[10]);
                a10 = TLanes.MultiplyAdd(row, x, a10);
                b10 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[10]), y, b10);
            }

            if (TRows.Value > 11)
            {
                row = TLanes.Broadcast(p[11]);
                a11 = TLanes.MultiplyAdd(row, x, a11);
                b11 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[11]), y, b11);
            }

            if (TRows.Value > 12)
            {
                row = TLanes.Broadcast(p[12]);
                a12 = TLanes.MultiplyAdd(row, x, a12);
                b12 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[12]), y, b12);
            }

            if (TRows.Value > 13)
            {
                row = TLanes.Broadcast(p[13]);
                a13 = TLanes.MultiplyAdd(row, x, a13);
                b13 = TLanes.MultiplyAdd(TShared.Value == 1 ? row : TLanes.Broadcast(p2[13]), y, b13);
            }
        }

        start = tile.Target;
        half = start + tile.TargetHalf;
        stride = tile.TargetRow;
        if (TRows.Value > 0)
        {
            TLanes.Store(a0, start + (0 * stride));
            TLanes.Store(b0, half + (0 * stride));
        }

        if (TRows.Value > 1)
        {
            TLanes.Store(a1, start + (1 * stride));
            TLanes.Store(b1, half + (1 * stride));
        }

        if (TRows.Value > 2)
        {
            TLanes.Store(a2, start + (2 * stride));
            TLanes.Store(b2, half + (2 * stride));
        }

        if (TRows.Value > 3)
        {
            TLanes.Store(a3, start + (3 * stride));
            TLanes.Store(b3, half + (3 * stride));
        }

        if (TRows.Value > 4)
        {
            TLanes.Store(a4, start + (4 * stride));
            TLanes.Store(b4, half + (4 * stride));
        }

        if (TRows.Value > 5)
        {
            TLanes.Store(a5, start + (5 * stride));
            TLanes.Store(b5, half + (5 * stride));
        }

        if (TRows.Value > 6)
        {
            TLanes.Store(a6, start + (6 * stride));
            TLanes.Store(b6, half + (6 * stride));
        }

        if (TRows.Value > 7)
        {
            TLanes.Store(a7, start + (7 * stride));
            TLanes.Store(b7, half + (7 * stride));
        }

        if (TRows.Value > 8)
        {
            TLanes.Store(a8, start + (8 * stride));
            TLanes.Store(b8, half + (8 * stride));
        }

        if (TRows.Value > 9)
        {
            TLanes.Store(a9, start + (9 * stride));
            TLanes.Store(b9, half + (9 * stride));
        }

        if (TRows.Value > 10)
        {
            TLanes.Store(a10, start + (10 * stride));
            TLanes.Store(b10, half + (10 * stride));
        }

        if (TRows.Value > 11)
        {
            TLanes.Store(a11, start + (11 * stride));
            TLanes.Store(b11, half + (11 * stride));
        }

        if (TRows.Value > 12)
        {
            TLanes.Store(a12, start + (12 * stride));
            TLanes.Store(b12, half + (12 * stride));
        }

        if (TRows.Value > 13)
        {
            TLanes.Store(a13, start + (13 * stride));
            TLanes.Store(b13, half + (13 * stride));
        }
    }
}
