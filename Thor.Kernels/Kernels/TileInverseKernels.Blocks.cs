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
    /// X = L^-1 for -B = L L^T. Elimination of the block and the identity side by side, unscaled, so that the next pivot waits for one
    /// reciprocal only; X takes shape below the diagonal of the registers, which is read above it alone, and is scaled by roots at the end.
    /// </summary>
    /// <returns>0, or the order of the first minor that is not positive and finite.</returns>
    private static int Pivot(ArrayView<float> own, ArrayView<FloatX4> panels, int x)
    {
        int bad = 0;
        for (int m = 0; m < Block; m++)
        {
            float pivot = -own[m * (Block + 1)];
            bool good = pivot > 0f && pivot <= float.MaxValue;
            bad = good || bad != 0 ? bad : m + 1;
            float reciprocal = Reciprocal(pivot);
            own[m * (Block + 1)] = ReciprocalRoot(pivot);
            for (int r = 0; r < Block; r++)
            {
                if (r > m)
                {
                    float factor = own[(m * Block) + r] * reciprocal;
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

        // What lies above the diagonal is never read.
        for (int r = 0; r < Block; r++)
        {
            float root = own[r * (Block + 1)];
            for (int c = 0; c < Block; c++)
            {
                if (c < r)
                {
                    own[(r * Block) + c] = own[(r * Block) + c] * root;
                }
            }

            panels[x + (2 * r)] = new FloatX4(own[r * Block], own[(r * Block) + 1], own[(r * Block) + 2], own[(r * Block) + 3]);
            if (r > 3)
            {
                panels[x + (2 * r) + 1] = new FloatX4(own[(r * Block) + 4], own[(r * Block) + 5], own[(r * Block) + 6], own[(r * Block) + 7]);
            }
        }

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

    /// <summary>
    /// 1 / sqrt(x) for normal numbers, to the last place but one: a linear guess from the exponent, good to 3.5 %, and three of Newton's
    /// steps, of which the last is taken from the error of the guess itself. Fewer instructions than a root and a division, and no branch.
    /// </summary>
    private static float ReciprocalRoot(float x)
    {
        float y = Interop.IntAsFloat(0x5F375A86 - (Interop.FloatAsInt(x) >> 1));
        float half = -0.5f * x;
        y *= Fused.MultiplyAdd(half * y, y, 1.5f);
        y *= Fused.MultiplyAdd(half * y, y, 1.5f);
        float error = Fused.MultiplyAdd(half * y, y, 0.5f);
        return Fused.MultiplyAdd(y, error, y);
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

    /// <summary>One column of a panel times X, in place.</summary>
    private static void SolveInPlace(ArrayView<float> shared, ArrayView<FloatX4> panels, int x, int at, int row)
    {
        FloatX4 upper = new FloatX4(shared[at], shared[at + row], shared[at + (2 * row)], shared[at + (3 * row)]);
        FloatX4 lower = new FloatX4(shared[at + (4 * row)], shared[at + (5 * row)], shared[at + (6 * row)], shared[at + (7 * row)]);
        Solve(upper, lower, shared, panels, x, at, row);
    }

    /// <summary>A column times X, into a column of a panel.</summary>
    private static void Solve(FloatX4 upper, FloatX4 lower, ArrayView<float> shared, ArrayView<FloatX4> panels, int x, int at, int row)
    {
        int rows = x / 4;
        for (int m = 0; m < Block; m++)
        {
            FloatX4 left = panels[rows + (2 * m)];
            float sum = left.X * upper.X;
            if (m > 0)
            {
                sum = Fused.MultiplyAdd(left.Y, upper.Y, sum);
            }

            if (m > 1)
            {
                sum = Fused.MultiplyAdd(left.Z, upper.Z, sum);
            }

            if (m > 2)
            {
                sum = Fused.MultiplyAdd(left.W, upper.W, sum);
            }

            if (m > 3)
            {
                FloatX4 right = panels[rows + (2 * m) + 1];
                sum = Fused.MultiplyAdd(right.X, lower.X, sum);
                if (m > 4)
                {
                    sum = Fused.MultiplyAdd(right.Y, lower.Y, sum);
                }

                if (m > 5)
                {
                    sum = Fused.MultiplyAdd(right.Z, lower.Z, sum);
                }

                if (m > 6)
                {
                    sum = Fused.MultiplyAdd(right.W, lower.W, sum);
                }
            }

            shared[at + (m * row)] = sum;
        }
    }

    /// <summary>B_ij += S_i^T S_j.</summary>
    private static void Update(ArrayView<FloatX4> panels, int panel, int half, int i, int j, ArrayView<float> own) =>
        TileRegisters.Accumulate(panels, panel + i, 2 * half, half, panel + j, 2 * half, half, own);

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
