using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <content>Cutting a product into register blocks.</content>
internal static unsafe partial class TileBlocks<TLanes, TVector, T>
{
    /// <summary>Rows of the largest register block.</summary>
    public static int Height => TLanes.Wide ? 8 : 4;

    /// <summary>
    /// c = P^T Q (+ c): (rows, columns) from P (k, rows) and Q (k, columns). There must be at least as many columns as
    /// lanes.
    /// </summary>
    /// <remarks>
    /// Where the columns do not fill the last register, or the rows the last block, it moves back over its neighbour and
    /// computes the same numbers again; only a product that accumulates must come in whole registers and multiples of 8 rows.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        T* p, nint pStride, T* q, nint qStride, T* c, nint cStride, int rows, int columns, int k, bool accumulate = false)
    {
        T* start = accumulate ? c : s_zeros;
        nint startStride = accumulate ? cStride : 0;
        int step = TLanes.Count;
        int column = 0;
        while (column < columns)
        {
            int registers = Math.Min((columns - column) / step, 3);
            if (registers == 0)
            {
                column = columns - step;
                registers = 1;
            }
            else if (registers == 3 && (columns - column) / step == 4)
            {
                // Two and two rather than three and one.
                registers = 2;
            }

            Strip(p, pStride, q + column, qStride, accumulate ? start + column : start, startStride, c + column, cStride, rows, registers, k);
            column += registers * step;
        }
    }

    /// <summary>All rows of one group of 1 to 3 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(
        T* p, nint pStride, T* q, nint qStride, T* s, nint sStride, T* c, nint cStride, int rows, int registers, nint k)
    {
        int height = TLanes.Wide && rows >= 8 ? 8 : rows >= 4 ? 4 : 1;
        int row = 0;
        while (row < rows)
        {
            row = Math.Min(row, rows - height);
            T* left = p + (row * TLanes.Tiles);
            T* start = s + (row * sStride);
            T* target = c + (row * cStride);
            switch ((height << 2) + registers)
            {
                case (8 << 2) + 3:
                    Block8x3(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (8 << 2) + 2:
                    Block8x2(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (8 << 2) + 1:
                    Block8x1(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (4 << 2) + 3:
                    Block4x3(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (4 << 2) + 2:
                    Block4x2(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (4 << 2) + 1:
                    Block4x1(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (1 << 2) + 3:
                    Block1x3(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                case (1 << 2) + 2:
                    Block1x2(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
                default:
                    Block1x1(left, pStride, q, qStride, k, start, sStride, target, cStride);
                    break;
            }

            row += height;
        }
    }
}
