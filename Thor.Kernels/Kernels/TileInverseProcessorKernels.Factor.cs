namespace Thor.Kernels.Kernels;

/// <content>From the first state of S to the last. Places are in registers of 16, or in pairs where it says so.</content>
public static partial class TileInverseProcessorKernels
{
    /// <summary>Takes a block row to its second state.</summary>
    private static void Factor(ArrayView<float> square, ArrayView<FloatX2> pairs, ArrayView<FloatX16> lanes, int block, int blocks, ArrayView<float> source, ref TileFetch ahead)
    {
        int pitch = Pitch(blocks);
        int first = block * Block;
        int panel = first * pitch;
        int own = panel + block;

        // The strip at the diagonal is solved last: what stands between does not wait for the pivots.
        int width = XMath.Min(StripRegisters, blocks - block);
        Strip(pairs, lanes, first, block, pitch, first, own, pitch, own, width, -1, source, ref ahead);
        Pivot(square, pairs, lanes, own, block, blocks);
        int x = Negative(blocks) * Block;
        for (int column = block + StripRegisters; column < blocks; column += StripRegisters)
        {
            Strip(
                pairs, lanes, first, column, pitch, first, panel + column, pitch, panel + column, XMath.Min(StripRegisters, blocks - column), x, source, ref ahead);
        }

        // Left of the diagonal X begins, in strips whose sums start with the row of their first column.
        for (int column = 0; column < block; column += StripRegisters)
        {
            int start = column * Block;
            Strip(
                pairs,
                lanes,
                (start * pitch * Block) + first,
                (start * pitch) + column,
                pitch,
                first - start,
                Zeros(blocks),
                0,
                panel + column,
                XMath.Min(StripRegisters, block - column),
                x,
                source,
                ref ahead);
        }

        if (width > 1)
        {
            Strip(pairs, lanes, 0, 0, pitch, 0, own + 1, pitch, own + 1, width - 1, x, source, ref ahead);
        }

        // Those strips of later rows reach over U, right of the diagonal, where nobody needs it any more.
        for (int row = XMath.Max(0, first - ((StripRegisters - 1) * Block)); row < first; row++)
        {
            lanes[(row * pitch) + block] = FloatX16.Splat(0f);
        }
    }

    /// <summary>A block row of the inverse, in the place of X, and its mirror image above.</summary>
    private static void Square(
        ArrayView<FloatX2> pairs, ArrayView<FloatX16> lanes, int block, int blocks, ArrayView<float> destination, ref TileFetch ahead)
    {
        int pitch = Pitch(blocks);
        int first = block * Block;
        int panel = first * pitch;
        for (int column = 0; column <= block; column += StripRegisters)
        {
            Strip(
                pairs,
                lanes,
                (panel * Block) + first,
                panel + column,
                pitch,
                (blocks * Block) - first,
                Zeros(blocks),
                0,
                panel + column,
                XMath.Min(StripRegisters, block + 1 - column),
                -1,
                destination,
                ref ahead);
        }

        for (int column = 0; column < block; column++)
        {
            Mirror(lanes, panel + column, (column * Block * pitch) + block, pitch);
        }
    }

    /// <summary>Sums of 8 rows and 1 to 3 registers, P^T Q added to what they start from, and -X times that if it is given.</summary>
    /// <param name="pairs">Scratch by pairs.</param>
    /// <param name="lanes">Scratch.</param>
    /// <param name="p">First pair of P.</param>
    /// <param name="q">First row of Q.</param>
    /// <param name="pitch">From row to row, of both and of the result.</param>
    /// <param name="steps">Rows of both.</param>
    /// <param name="start">Where sums start from.</param>
    /// <param name="startPitch">From row to row of that.</param>
    /// <param name="target">The result.</param>
    /// <param name="width">Registers of a row.</param>
    /// <param name="x">First pair of -X, or -1.</param>
    /// <param name="tiles">Whose lines are asked for on the way.</param>
    /// <param name="ahead">Which lines.</param>
    private static void Strip(
        ArrayView<FloatX2> pairs,
        ArrayView<FloatX16> lanes,
        int p,
        int q,
        int pitch,
        int steps,
        int start,
        int startPitch,
        int target,
        int width,
        int x,
        ArrayView<float> tiles,
        ref TileFetch ahead)
    {
        if (width == 3)
        {
            int line = ahead.Done < ahead.Lines ? ahead.Done : ahead.Done - ahead.Lines;
            int last = XMath.Max(0, ahead.Lines - 1);
            long fetch = ahead.Done < ahead.Lines ? ahead.Left : ahead.Right;
            ahead.Done = ahead.Done < ahead.Lines ? XMath.Min(ahead.Done + steps, ahead.Lines) : XMath.Min(ahead.Done + steps, 2 * ahead.Lines);
            Strip3(pairs, lanes, p, q, pitch, steps, start, startPitch, target, x, tiles, fetch, XMath.Min(line, last), last);
        }
        else if (width == 2)
        {
            Strip2(pairs, lanes, p, q, pitch, steps, start, startPitch, target, x);
        }
        else
        {
            Strip1(pairs, lanes, p, q, pitch, steps, start, startPitch, target, x);
        }
    }

    private static void Strip3(
        ArrayView<FloatX2> pairs,
        ArrayView<FloatX16> lanes,
        int p,
        int q,
        int pitch,
        int steps,
        int start,
        int startPitch,
        int target,
        int x,
        ArrayView<float> tiles,
        long fetch,
        int line,
        int last)
    {
        // In the function that uses them, so that they are registers whether or not it is inlined.
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(3 * Block);
        for (int r = 0; r < Block; r++)
        {
            sums[3 * r] = lanes[start + (r * startPitch)];
            sums[(3 * r) + 1] = lanes[start + (r * startPitch) + 1];
            sums[(3 * r) + 2] = lanes[start + (r * startPitch) + 2];
        }

        for (int step = 0; step < steps; step++)
        {
            int at = q + (step * pitch);
            FloatX16 b0 = lanes[at];
            FloatX16 b1 = lanes[at + 1];
            FloatX16 b2 = lanes[at + 2];
            Prefetch.Read(ref tiles[fetch + (XMath.Min(line + step, last) * ProcessorBlocks.Lanes)]);
            int from = p + (step * pitch * Block);
            for (int r = 0; r < Block; r++)
            {
                FloatX16 a = LanePairs.Splat(pairs[from + r]);
                sums[3 * r] = Fused.MultiplyAdd(a, b0, sums[3 * r]);
                sums[(3 * r) + 1] = Fused.MultiplyAdd(a, b1, sums[(3 * r) + 1]);
                sums[(3 * r) + 2] = Fused.MultiplyAdd(a, b2, sums[(3 * r) + 2]);
            }
        }

        if (x >= 0)
        {
            // From the bottom up, since a row needs only those above it.
            for (int up = 0; up < Block; up++)
            {
                int r = Block - 1 - up;
                FloatX16 a = LanePairs.Splat(pairs[x + (r * Block)]);
                FloatX16 c0 = a * sums[0];
                FloatX16 c1 = a * sums[1];
                FloatX16 c2 = a * sums[2];
                for (int k = 1; k < Block; k++)
                {
                    if (k <= r)
                    {
                        a = LanePairs.Splat(pairs[x + (r * Block) + k]);
                        c0 = Fused.MultiplyAdd(a, sums[3 * k], c0);
                        c1 = Fused.MultiplyAdd(a, sums[(3 * k) + 1], c1);
                        c2 = Fused.MultiplyAdd(a, sums[(3 * k) + 2], c2);
                    }
                }

                sums[3 * r] = c0;
                sums[(3 * r) + 1] = c1;
                sums[(3 * r) + 2] = c2;
            }
        }

        for (int r = 0; r < Block; r++)
        {
            lanes[target + (r * pitch)] = sums[3 * r];
            lanes[target + (r * pitch) + 1] = sums[(3 * r) + 1];
            lanes[target + (r * pitch) + 2] = sums[(3 * r) + 2];
        }
    }

    private static void Strip2(
        ArrayView<FloatX2> pairs, ArrayView<FloatX16> lanes, int p, int q, int pitch, int steps, int start, int startPitch, int target, int x)
    {
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(2 * Block);
        for (int r = 0; r < Block; r++)
        {
            sums[2 * r] = lanes[start + (r * startPitch)];
            sums[(2 * r) + 1] = lanes[start + (r * startPitch) + 1];
        }

        for (int step = 0; step < steps; step++)
        {
            int at = q + (step * pitch);
            FloatX16 b0 = lanes[at];
            FloatX16 b1 = lanes[at + 1];
            int from = p + (step * pitch * Block);
            for (int r = 0; r < Block; r++)
            {
                FloatX16 a = LanePairs.Splat(pairs[from + r]);
                sums[2 * r] = Fused.MultiplyAdd(a, b0, sums[2 * r]);
                sums[(2 * r) + 1] = Fused.MultiplyAdd(a, b1, sums[(2 * r) + 1]);
            }
        }

        if (x >= 0)
        {
            for (int up = 0; up < Block; up++)
            {
                int r = Block - 1 - up;
                FloatX16 a = LanePairs.Splat(pairs[x + (r * Block)]);
                FloatX16 c0 = a * sums[0];
                FloatX16 c1 = a * sums[1];
                for (int k = 1; k < Block; k++)
                {
                    if (k <= r)
                    {
                        a = LanePairs.Splat(pairs[x + (r * Block) + k]);
                        c0 = Fused.MultiplyAdd(a, sums[2 * k], c0);
                        c1 = Fused.MultiplyAdd(a, sums[(2 * k) + 1], c1);
                    }
                }

                sums[2 * r] = c0;
                sums[(2 * r) + 1] = c1;
            }
        }

        for (int r = 0; r < Block; r++)
        {
            lanes[target + (r * pitch)] = sums[2 * r];
            lanes[target + (r * pitch) + 1] = sums[(2 * r) + 1];
        }
    }

    private static void Strip1(
        ArrayView<FloatX2> pairs, ArrayView<FloatX16> lanes, int p, int q, int pitch, int steps, int start, int startPitch, int target, int x)
    {
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(Block);
        for (int r = 0; r < Block; r++)
        {
            sums[r] = lanes[start + (r * startPitch)];
        }

        for (int step = 0; step < steps; step++)
        {
            FloatX16 b = lanes[q + (step * pitch)];
            int from = p + (step * pitch * Block);
            for (int r = 0; r < Block; r++)
            {
                sums[r] = Fused.MultiplyAdd(LanePairs.Splat(pairs[from + r]), b, sums[r]);
            }
        }

        if (x >= 0)
        {
            for (int up = 0; up < Block; up++)
            {
                int r = Block - 1 - up;
                FloatX16 c = LanePairs.Splat(pairs[x + (r * Block)]) * sums[0];
                for (int k = 1; k < Block; k++)
                {
                    if (k <= r)
                    {
                        c = Fused.MultiplyAdd(LanePairs.Splat(pairs[x + (r * Block) + k]), sums[k], c);
                    }
                }

                sums[r] = c;
            }
        }

        for (int r = 0; r < Block; r++)
        {
            lanes[target + (r * pitch)] = sums[r];
        }
    }

    /// <summary>
    /// Replaces the block -A on the diagonal, given by its upper triangle, by X with X A X^T = I: lower triangular, zeros above. Elimination
    /// without square roots, A = L D L^T, of the block and the identity side by side; X grows in the place of the lower triangle. A pivot that
    /// is not positive and finite spoils its tile.
    /// </summary>
    private static void Pivot(ArrayView<float> square, ArrayView<FloatX2> pairs, ArrayView<FloatX16> lanes, int own, int block, int blocks)
    {
        int pitch = Pitch(blocks);
        int pivots = (Pivots(blocks) + block) * Block;
        int roots = Roots(blocks) * Block;
        ArrayView<FloatX16> rows = LocalMemory.Allocate<FloatX16>(Block);
        for (int i = 0; i < Block; i++)
        {
            rows[i] = lanes[own + (i * pitch)];
        }

        for (int m = 0; m < Block; m++)
        {
            FloatX2 pivot = LanePairs.At(rows[m], m);
            pairs[pivots + m] = pivot;
            FloatX16 factors = LanePairs.Splat(new FloatX2(-1f / pivot.X, -1f / pivot.Y)) * rows[m];

            // X of this row, a one in the place of the pivot, which gives the rows below the element of X below it, and what remains of A.
            FloatX16 row = LanePairs.Fill(rows[m], m, m + 1, 1f);
            for (int i = m + 1; i < Block; i++)
            {
                rows[i] = Fused.MultiplyAdd(LanePairs.Splat(LanePairs.At(factors, i)), row, LanePairs.Fill(rows[i], m, m + 1, 0f));
            }

            rows[m] = LanePairs.Fill(row, m + 1, Block, 0f);
        }

        for (int i = 0; i < 2 * Block; i++)
        {
            square[(2 * roots) + i] = 1f / XMath.Sqrt(-square[(2 * pivots) + i]);
        }

        for (int i = 0; i < Block; i++)
        {
            FloatX16 x = LanePairs.Splat(pairs[roots + i]) * rows[i];
            lanes[own + (i * pitch)] = x;
            lanes[Negative(blocks) + i] = FloatX16.Splat(0f) - x;
        }
    }

    /// <summary>A block of 8 x 8 to the other side of the diagonal: three rounds that each rotate the bits of an element's row and column by one.</summary>
    private static void Mirror(ArrayView<FloatX16> lanes, int from, int to, int pitch)
    {
        ArrayView<FloatX16> rows = LocalMemory.Allocate<FloatX16>(Block);
        ArrayView<FloatX16> turned = LocalMemory.Allocate<FloatX16>(Block);
        for (int i = 0; i < Block; i++)
        {
            rows[i] = lanes[from + (i * pitch)];
        }

        Round(rows, turned);
        Round(turned, rows);
        Round(rows, turned);
        for (int i = 0; i < Block; i++)
        {
            lanes[to + (i * pitch)] = turned[i];
        }
    }

    private static void Round(ArrayView<FloatX16> rows, ArrayView<FloatX16> turned)
    {
        for (int i = 0; i < Block / 2; i++)
        {
            turned[2 * i] = LanePairs.ZipLow(rows[i], rows[i + (Block / 2)]);
            turned[(2 * i) + 1] = LanePairs.ZipHigh(rows[i], rows[i + (Block / 2)]);
        }
    }
}
