namespace Thor.Kernels.Kernels;

/// <content>What a thread does with its block, and with its columns of a panel. Blocks are 64 registers, row by row.</content>
public static partial class TileInverseKernels
{
    /// <summary>Block (i, j) of a tile; zeros outside, ones on the diagonal outside. A block on the diagonal is read above it and mirrored.</summary>
    private static void Load(ArrayView<float> source, long offset, int n, int i, int j, bool wide, ArrayView<float> own)
    {
        int row = i * Block;
        int column = j * Block;
        if (wide && n % 4 == 0 && offset % 4 == 0 && column + Block <= n)
        {
            ArrayView<FloatX4> rows = source.Cast<FloatX4>();
            long at = (offset + (row * n) + column) / 4;
            for (int r = 0; r < Block; r++)
            {
                FloatX4 left = rows[at + (r * (n / 4))];
                FloatX4 right = rows[at + (r * (n / 4)) + 1];
                own[(r * Block) + 0] = left.X;
                own[(r * Block) + 1] = left.Y;
                own[(r * Block) + 2] = left.Z;
                own[(r * Block) + 3] = left.W;
                own[(r * Block) + 4] = right.X;
                own[(r * Block) + 5] = right.Y;
                own[(r * Block) + 6] = right.Z;
                own[(r * Block) + 7] = right.W;
            }
        }
        else
        {
            for (int r = 0; r < Block; r++)
            {
                for (int c = 0; c < Block; c++)
                {
                    float value = row + r == column + c ? 1f : 0f;
                    if (row + r < n && column + c < n)
                    {
                        value = source[offset + ((row + r) * n) + column + c];
                    }

                    own[(r * Block) + c] = value;
                }
            }
        }

        if (i == j)
        {
            TileRegisters.Mirror(own);
        }
    }

    /// <summary>Half of the largest magnitude on the damped diagonal; infinite if one is not finite.</summary>
    private static float HalfOfLargest(ArrayView<float> own, int rows, float damping)
    {
        float largest = 0f;
        for (int r = 0; r < Block; r++)
        {
            float value = XMath.Abs((0.5f * own[r * (Block + 1)]) + (0.5f * damping));
            value = value <= float.MaxValue ? value : float.PositiveInfinity;
            largest = r < rows ? XMath.Max(largest, value) : largest;
        }

        return largest;
    }

    /// <summary>The power of two that takes the largest element of the diagonal to [1, 2), clamped to the exponents of normal numbers; 1 for zero.</summary>
    private static float Scale(float halfLargest)
    {
        int exponent = XMath.Max(-126, XMath.Min(126, 126 - (Interop.FloatAsInt(halfLargest) >> 23)));
        return halfLargest == 0f ? 1f : Interop.IntAsFloat((exponent + 127) << 23);
    }

    /// <summary>B = -(scale A + shift I), with what is far below the rounding of the diagonal set to zero.</summary>
    private static void Negate(ArrayView<float> own, float scale, float shift, bool diagonal, int rows)
    {
        for (int r = 0; r < Block; r++)
        {
            for (int c = 0; c < Block; c++)
            {
                float value = own[(r * Block) + c] * scale;
                float flushed = XMath.Abs(value) < SourceFloor ? 0f : value;
                if (r == c)
                {
                    // Ones outside the tile are neither scaled nor damped.
                    flushed = !diagonal ? flushed : r < rows ? value + shift : 1f;
                }

                own[(r * Block) + c] = -flushed;
            }
        }
    }

    /// <summary>
    /// X = L^-1 and D^-1 for -B = L D L^T with ones on the diagonal of L: elimination of the block and the identity side by side, so that the next
    /// pivot waits for one reciprocal only. X takes shape below the diagonal of the registers, which is read above it alone.
    /// </summary>
    /// <returns>0, or the order of the first minor that is not positive and finite.</returns>
    private static int Pivot(ArrayView<float> own, ArrayView<FloatX4> panels, int x)
    {
        ArrayView<float> reciprocals = LocalMemory.Allocate<float>(Block);
        int bad = 0;
        for (int m = 0; m < Block; m++)
        {
            float pivot = -own[m * (Block + 1)];
            bool good = pivot > 0f && pivot <= float.MaxValue;
            bad = good || bad != 0 ? bad : m + 1;
            reciprocals[m] = Reciprocal(pivot);
            for (int r = 0; r < Block; r++)
            {
                if (r > m)
                {
                    float factor = own[(m * Block) + r] * reciprocals[m];
                    for (int c = 0; c < Block; c++)
                    {
                        if (c >= r || c < m)
                        {
                            own[(r * Block) + c] = Fused.MultiplyAdd(factor, own[(m * Block) + c], own[(r * Block) + c]);
                        }
                    }

                    own[(r * Block) + m] = factor;
                }
            }
        }

        for (int c = 0; c < Block; c++)
        {
            panels[x + (2 * c)] = new FloatX4(own[c], own[8 + c], own[16 + c], own[24 + c]);
            panels[x + (2 * c) + 1] = new FloatX4(own[32 + c], own[40 + c], own[48 + c], own[56 + c]);
        }

        int d = x + (Reciprocals / 4);
        panels[d] = new FloatX4(reciprocals[0], reciprocals[1], reciprocals[2], reciprocals[3]);
        panels[d + 1] = new FloatX4(reciprocals[4], reciprocals[5], reciprocals[6], reciprocals[7]);
        return bad;
    }

    /// <summary>
    /// 1 / x for normal numbers, to the last place but one: a guess from the exponent, good to 12 %, and three of Newton's steps. Without the branches of a division.
    /// </summary>
    private static float Reciprocal(float x)
    {
        float y = Interop.IntAsFloat(0x7EF311C7 - Interop.FloatAsInt(x));
        y = Fused.MultiplyAdd(y, Fused.MultiplyAdd(-x, y, 1f), y);
        y = Fused.MultiplyAdd(y, Fused.MultiplyAdd(-x, y, 1f), y);
        return Fused.MultiplyAdd(y, Fused.MultiplyAdd(-x, y, 1f), y);
    }

    /// <summary>Writes the rows of a block in two halves.</summary>
    private static void StoreRows(ArrayView<FloatX4> panels, int at, int pitch, int half, ArrayView<float> own)
    {
        for (int r = 0; r < Block; r++)
        {
            int e = r * Block;
            panels[at + (r * pitch)] = new FloatX4(own[e], own[e + 1], own[e + 2], own[e + 3]);
            panels[at + (r * pitch) + half] = new FloatX4(own[e + 4], own[e + 5], own[e + 6], own[e + 7]);
        }
    }

    /// <summary>Half of a column of a panel, from the given element on.</summary>
    private static FloatX4 HalfColumn(ArrayView<float> shared, int at, int row) =>
        new(shared[at], shared[at + row], shared[at + (2 * row)], shared[at + (3 * row)]);

    /// <summary>
    /// X times a column, into a column of one panel, and D^-1 times that into the same of the next. X lies by columns, of which what is on and above the
    /// diagonal is not used, so that the 8 sums are independent; all is read before anything is written, so that no load waits for a store.
    /// </summary>
    private static void Solve(
        FloatX4 upper, FloatX4 lower, ArrayView<float> shared, ArrayView<FloatX4> panels, int x, int at, int row, int panelWords)
    {
        ArrayView<float> sums = LocalMemory.Allocate<float>(Block);
        sums[0] = upper.X;
        sums[1] = upper.Y;
        sums[2] = upper.Z;
        sums[3] = upper.W;
        sums[4] = lower.X;
        sums[5] = lower.Y;
        sums[6] = lower.Z;
        sums[7] = lower.W;
        TileRegisters.AddRowFrom(sums, 0, 1, upper.X, panels[x], panels[x + 1]);
        TileRegisters.AddRowFrom(sums, 0, 2, upper.Y, panels[x + 2], panels[x + 3]);
        TileRegisters.AddRowFrom(sums, 0, 3, upper.Z, panels[x + 4], panels[x + 5]);
        TileRegisters.AddRowFrom(sums, 0, 4, upper.W, panels[x + 6], panels[x + 7]);
        TileRegisters.AddRowFrom(sums, 0, 5, lower.X, panels[x + 8], panels[x + 9]);
        TileRegisters.AddRowFrom(sums, 0, 6, lower.Y, panels[x + 10], panels[x + 11]);
        TileRegisters.AddRowFrom(sums, 0, 7, lower.Z, panels[x + 12], panels[x + 13]);
        FloatX4 first = panels[x + (Reciprocals / 4)];
        FloatX4 second = panels[x + (Reciprocals / 4) + 1];
        for (int r = 0; r < Block; r++)
        {
            shared[at + (r * row)] = sums[r];
        }

        at += panelWords;
        shared[at] = sums[0] * first.X;
        shared[at + row] = sums[1] * first.Y;
        shared[at + (2 * row)] = sums[2] * first.Z;
        shared[at + (3 * row)] = sums[3] * first.W;
        shared[at + (4 * row)] = sums[4] * second.X;
        shared[at + (5 * row)] = sums[5] * second.Y;
        shared[at + (6 * row)] = sums[6] * second.Z;
        shared[at + (7 * row)] = sums[7] * second.W;
    }

    /// <summary>Largest element of the inverse's diagonal; infinite if one is not a number.</summary>
    private static float Top(ArrayView<float> own, int rows)
    {
        float top = 0f;
        for (int r = 0; r < Block; r++)
        {
            float value = own[r * (Block + 1)];
            value = value <= float.MaxValue ? value : float.PositiveInfinity;
            top = r < rows ? XMath.Max(top, value) : top;
        }

        return top;
    }

    /// <summary>Writes a block and its mirror image, scaled, with zeros for what is below the floor off the diagonal.</summary>
    private static void Store(ArrayView<float> destination, long offset, int n, int i, int j, bool wide, ArrayView<float> own, float scale, float floor)
    {
        int row = i * Block;
        int column = j * Block;
        for (int r = 0; r < Block; r++)
        {
            for (int c = 0; c < Block; c++)
            {
                float value = own[(r * Block) + c];
                bool keep = XMath.Abs(value) >= floor || (i == j && r == c);
                own[(r * Block) + c] = keep ? value * scale : 0f;
            }
        }

        if (wide && n % 4 == 0 && offset % 4 == 0 && column + Block <= n)
        {
            ArrayView<FloatX4> rows = destination.Cast<FloatX4>();
            long at = (offset + (row * n) + column) / 4;
            for (int r = 0; r < Block; r++)
            {
                int e = r * Block;
                rows[at + (r * (n / 4))] = new FloatX4(own[e], own[e + 1], own[e + 2], own[e + 3]);
                rows[at + (r * (n / 4)) + 1] = new FloatX4(own[e + 4], own[e + 5], own[e + 6], own[e + 7]);
            }

            if (i != j)
            {
                long mirrored = (offset + (column * n) + row) / 4;
                for (int c = 0; c < Block; c++)
                {
                    rows[mirrored + (c * (n / 4))] = new FloatX4(own[c], own[8 + c], own[16 + c], own[24 + c]);
                    rows[mirrored + (c * (n / 4)) + 1] = new FloatX4(own[32 + c], own[40 + c], own[48 + c], own[56 + c]);
                }
            }
        }
        else
        {
            for (int r = 0; r < Block; r++)
            {
                for (int c = 0; c < Block; c++)
                {
                    if (row + r < n && column + c < n)
                    {
                        float value = own[(r * Block) + c];
                        destination[offset + ((row + r) * n) + column + c] = value;
                        if (i != j)
                        {
                            destination[offset + ((column + c) * n) + row + r] = value;
                        }
                    }
                }
            }
        }
    }
}
