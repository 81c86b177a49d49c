using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>
/// The innermost loop of a matrix product: a tile of c, up to 12 rows by one or two vectors, is held in registers while
/// k runs. Per step of k: one or two vector loads of b, one broadcast of a per row, and the multiply-adds.
/// </summary>
/// <remarks>
/// Accumulators are separate locals because arrays of vectors are not kept in registers. The number of rows and of
/// vectors are type arguments, so that the accumulators a tile does not have are compiled away.
/// </remarks>
internal static unsafe class GemmTile
{
    /// <summary>Rows of the largest tile.</summary>
    public const int LargestRows = 12;

    // From here on a tile takes long enough for c to arrive from memory meanwhile.
    private const int PrefetchSteps = 32;

    /// <summary>
    /// c = alpha a b + beta c + bias on one tile of 1 to 12 rows and 1 or 2 vectors. Element (row, step) of a is
    /// a[row * ARow + step * AStep]; bias is one row to add to every row, or null; with beta 0 the old c is not read.
    /// </summary>
    public static void Run<T, TVector, TLanes>(int rows, int vectors, T* a, T* c, GemmTileArguments<T>* common)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
    {
        if (vectors == 2)
        {
            Rows<T, TVector, TLanes, N2>(rows, a, c, common);
        }
        else
        {
            Rows<T, TVector, TLanes, N1>(rows, a, c, common);
        }
    }

    private static void Rows<T, TVector, TLanes, TVectors>(int rows, T* a, T* c, GemmTileArguments<T>* common)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
        where TVectors : struct, IConstant
    {
        Debug.Assert(rows is >= 1 and <= LargestRows);
        switch (rows)
        {
            case 1:
                Tile<T, TVector, TLanes, N1, TVectors>(a, c, common);
                break;
            case 2:
                Tile<T, TVector, TLanes, N2, TVectors>(a, c, common);
                break;
            case 3:
                Tile<T, TVector, TLanes, N3, TVectors>(a, c, common);
                break;
            case 4:
                Tile<T, TVector, TLanes, N4, TVectors>(a, c, common);
                break;
            case 5:
                Tile<T, TVector, TLanes, N5, TVectors>(a, c, common);
                break;
            case 6:
                Tile<T, TVector, TLanes, N6, TVectors>(a, c, common);
                break;
            case 7:
                Tile<T, TVector, TLanes, N7, TVectors>(a, c, common);
                break;
            case 8:
                Tile<T, TVector, TLanes, N8, TVectors>(a, c, common);
                break;
            case 9:
                Tile<T, TVector, TLanes, N9, TVectors>(a, c, common);
                break;
            case 10:
                Tile<T, TVector, TLanes, N10, TVectors>(a, c, common);
                break;
            case 11:
                Tile<T, TVector, TLanes, N11, TVectors>(a, c, common);
                break;
            default:
                Tile<T, TVector, TLanes, N12, TVectors>(a, c, common);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<T, TVector, TLanes, TRows, TVectors>(T* a, T* c, GemmTileArguments<T>* common)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
        where TRows : struct, IConstant
        where TVectors : struct, IConstant
    {
        int lanes = TLanes.Count;
        TVector c0 = default;
        TVector d0 = default;
        TVector c1 = default;
        TVector d1 = default;
        TVector c2 = default;
        TVector d2 = default;
        TVector c3 = default;
        TVector d3 = default;
        TVector c4 = default;
        TVector d4 = default;
        TVector c5 = default;
        TVector d5 = default;
        TVector c6 = default;
        TVector d6 = default;
        TVector c7 = default;
        TVector d7 = default;
        TVector c8 = default;
        TVector d8 = default;
        TVector c9 = default;
        TVector d9 = default;
        TVector c10 = default;
        TVector d10 = default;
        TVector c11 = default;
        TVector d11 = default;

        // Rows are reached from four bases in steps of the row distance, which fits the addressing modes.
        nint row = common->ARow * sizeof(T);
        nint twoRows = row * 2;
        nint aStep = common->AStep * sizeof(T);
        nint bStep = common->BStep * sizeof(T);
        byte* a0 = (byte*)a;
        byte* a3 = a0 + (3 * row);
        byte* a6 = a0 + (6 * row);
        byte* a9 = a0 + (9 * row);
        byte* step = (byte*)common->B;
        nint cRow = common->CRow;
        if (common->K >= PrefetchSteps && Sse.IsSupported)
        {
            for (int r = 0; r < TRows.Value; r++)
            {
                Sse.Prefetch0(c + (r * cRow));
                if (TVectors.Value == 2)
                {
                    Sse.Prefetch0(c + (r * cRow) + lanes);
                }
            }
        }

        for (nint i = common->K; i > 0; i--)
        {
            TVector b0 = TLanes.Load((T*)step);
            TVector b1 = TVectors.Value == 2 ? TLanes.Load((T*)step + lanes) : default;
            TVector x = TLanes.Broadcast(*(T*)a0);
            c0 = TLanes.MultiplyAdd(x, b0, c0);
            d0 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d0) : d0;
            if (TRows.Value > 1)
            {
                x = TLanes.Broadcast(*(T*)(a0 + row));
                c1 = TLanes.MultiplyAdd(x, b0, c1);
                d1 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d1) : d1;
            }

            if (TRows.Value > 2)
            {
                x = TLanes.Broadcast(*(T*)(a0 + twoRows));
                c2 = TLanes.MultiplyAdd(x, b0, c2);
                d2 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d2) : d2;
            }

            if (TRows.Value > 3)
            {
                x = TLanes.Broadcast(*(T*)a3);
                c3 = TLanes.MultiplyAdd(x, b0, c3);
                d3 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d3) : d3;
            }

            if (TRows.Value > 4)
            {
                x = TLanes.Broadcast(*(T*)(a3 + row));
                c4 = TLanes.MultiplyAdd(x, b0, c4);
                d4 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d4) : d4;
            }

            if (TRows.Value > 5)
            {
                x = TLanes.Broadcast(*(T*)(a3 + twoRows));
                c5 = TLanes.MultiplyAdd(x, b0, c5);
                d5 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d5) : d5;
            }

            if (TRows.Value > 6)
            {
                x = TLanes.Broadcast(*(T*)a6);
                c6 = TLanes.MultiplyAdd(x, b0, c6);
                d6 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d6) : d6;
            }

            if (TRows.Value > 7)
            {
                x = TLanes.Broadcast(*(T*)(a6 + row));
                c7 = TLanes.MultiplyAdd(x, b0, c7);
                d7 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d7) : d7;
            }

            if (TRows.Value > 8)
            {
                x = TLanes.Broadcast(*(T*)(a6 + twoRows));
                c8 = TLanes.MultiplyAdd(x, b0, c8);
                d8 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d8) : d8;
            }

            if (TRows.Value > 9)
            {
                x = TLanes.Broadcast(*(T*)a9);
                c9 = TLanes.MultiplyAdd(x, b0, c9);
                d9 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d9) : d9;
            }

            if (TRows.Value > 10)
            {
                x = TLanes.Broadcast(*(T*)(a9 + row));
                c10 = TLanes.MultiplyAdd(x, b0, c10);
                d10 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d10) : d10;
            }

            if (TRows.Value > 11)
            {
                x = TLanes.Broadcast(*(T*)(a9 + twoRows));
                c11 = TLanes.MultiplyAdd(x, b0, c11);
                d11 = TVectors.Value == 2 ? TLanes.MultiplyAdd(x, b1, d11) : d11;
            }

            a0 += aStep;
            a3 += aStep;
            a6 += aStep;
            a9 += aStep;
            step += bStep;
        }

        T* bias = common->Bias;
        Epilogue<T, TVector> end = new()
        {
            Alpha = TLanes.Broadcast(common->Alpha),
            Beta = TLanes.Broadcast(common->Beta),
            Bias0 = bias == null ? default : TLanes.Load(bias),
            Bias1 = bias == null || TVectors.Value != 2 ? default : TLanes.Load(bias + lanes),
            ReadsOld = common->Beta != T.Zero,
        };
        Finish<T, TVector, TLanes, TVectors>(c0, d0, c, lanes, end);
        if (TRows.Value > 1)
        {
            Finish<T, TVector, TLanes, TVectors>(c1, d1, c + cRow, lanes, end);
        }

        if (TRows.Value > 2)
        {
            Finish<T, TVector, TLanes, TVectors>(c2, d2, c + (2 * cRow), lanes, end);
        }

        if (TRows.Value > 3)
        {
            Finish<T, TVector, TLanes, TVectors>(c3, d3, c + (3 * cRow), lanes, end);
        }

        if (TRows.Value > 4)
        {
            Finish<T, TVector, TLanes, TVectors>(c4, d4, c + (4 * cRow), lanes, end);
        }

        if (TRows.Value > 5)
        {
            Finish<T, TVector, TLanes, TVectors>(c5, d5, c + (5 * cRow), lanes, end);
        }

        if (TRows.Value > 6)
        {
            Finish<T, TVector, TLanes, TVectors>(c6, d6, c + (6 * cRow), lanes, end);
        }

        if (TRows.Value > 7)
        {
            Finish<T, TVector, TLanes, TVectors>(c7, d7, c + (7 * cRow), lanes, end);
        }

        if (TRows.Value > 8)
        {
            Finish<T, TVector, TLanes, TVectors>(c8, d8, c + (8 * cRow), lanes, end);
        }

        if (TRows.Value > 9)
        {
            Finish<T, TVector, TLanes, TVectors>(c9, d9, c + (9 * cRow), lanes, end);
        }

        if (TRows.Value > 10)
        {
            Finish<T, TVector, TLanes, TVectors>(c10, d10, c + (10 * cRow), lanes, end);
        }

        if (TRows.Value > 11)
        {
            Finish<T, TVector, TLanes, TVectors>(c11, d11, c + (11 * cRow), lanes, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<T, TVector, TLanes, TVectors>(TVector c, TVector d, T* target, int lanes, in Epilogue<T, TVector> end)
        where T : unmanaged
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
        where TVectors : struct, IConstant
    {
        c = TLanes.MultiplyAdd(c, end.Alpha, end.Bias0);
        d = TLanes.MultiplyAdd(d, end.Alpha, end.Bias1);
        if (end.ReadsOld)
        {
            c = TLanes.MultiplyAdd(TLanes.Load(target), end.Beta, c);
            d = TVectors.Value == 2 ? TLanes.MultiplyAdd(TLanes.Load(target + lanes), end.Beta, d) : d;
        }

        TLanes.Store(c, target);
        if (TVectors.Value == 2)
        {
            TLanes.Store(d, target + lanes);
        }
    }

    private struct Epilogue<T, TVector>
        where T : unmanaged
        where TVector : unmanaged
    {
        public TVector Alpha;
        public TVector Beta;
        public TVector Bias0;
        public TVector Bias1;
        public bool ReadsOld;
    }
}
