namespace Thor.Kernels.Kernels;

/// <summary>
/// (tile + damping I)^-1 on processors: groups of one thread, which inverts tile after tile in a scratch square of its own with lanes of 16.
/// </summary>
/// <remarks>
/// The host's algorithm (see <c>TileInversion</c>) in block rows of 16: left-looking, so that sums stay in registers while operands stream past. The square S, padded with ones on the diagonal, goes from the scaled, damped tile over U above and
/// X = (U^T)^-1 on and below the diagonal to the inverse X^T X on and below the diagonal. Block row K of the second state is
/// X_KK (S_KJ - sum over k above K of S_kK^T S_kJ) in both parts. All sums are those of <see cref="ProcessorBlocks"/>.
/// </remarks>
public static partial class TileInverseProcessorKernels
{
    private const int Block = ProcessorBlocks.Lanes;

    // 2^-48 and 2^-72: the squared and the cubed roundoff.
    private const float SourceFloor = 3.5527136788005009e-15f;
    private const float InverseFloor = 2.1175823681357508e-22f;
    private const float Roundoff = 5.9604644775390625e-8f;
    private const float ConditionLimit = 4f;

    /// <summary>Inverts as many tiles as there are groups apart, from the group's own on, in the group's shared memory.</summary>
    /// <param name="jobs">The tiles.</param>
    /// <param name="source">Packed tiles.</param>
    /// <param name="destination">Packed tiles, may be the source.</param>
    /// <param name="status">Per slot.</param>
    /// <param name="used">Per slot, the damping of the last attempt, if wanted; else any view.</param>
    /// <param name="attempts">How often a tile is tried.</param>
    /// <param name="count">Number of tiles.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void InvertShared(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        int count)
    {
        ArrayView<float> square = SharedMemory.GetDynamic<float>();
        for (int index = Grid.IdxX; index < count; index += Grid.DimX)
        {
            TryTile(jobs[index], source, destination, status, used, attempts, square);
        }
    }

    /// <summary>The same in device memory, for tiles that shared memory does not hold.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void InvertScratch(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        int count,
        ArrayView<float> scratch,
        int scratchPerGroup)
    {
        ArrayView<float> square = scratch.SubView((long)Grid.IdxX * scratchPerGroup, scratchPerGroup);
        for (int index = Grid.IdxX; index < count; index += Grid.DimX)
        {
            TryTile(jobs[index], source, destination, status, used, attempts, square);
        }
    }

    /// <summary>Elements of scratch for a tile.</summary>
    internal static int Elements(int dimension) => (Padded(dimension) * Stride(dimension)) + Padded(dimension);

    private static int Padded(int n) => (n + Block - 1) / Block * Block;

    /// <summary>One line more than the rows have, so that a column does not fall into a few sets of the first cache.</summary>
    private static int Stride(int n) => Padded(n) + Block;

    private static void TryTile(
        TileJob job,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        ArrayView<float> square)
    {
        int attempt = 0;
        int word = Invert(job, source, destination, square);
        while (attempt < attempts.Retries && word != 0 && word != -1)
        {
            attempt++;
            job.Damping *= attempts.Factor;
            word = Invert(job, source, destination, square);
        }

        status[job.Slot] = word;
        if (attempts.Reported != 0)
        {
            used[job.Slot] = job.Damping;
        }
    }

    private static int Invert(TileJob job, ArrayView<float> source, ArrayView<float> destination, ArrayView<float> square)
    {
        int n = job.Dimension;
        int padded = Padded(n);
        int stride = Stride(n);
        ArrayView<FloatX16> rows = square.Cast<FloatX16>();
        float halfLargest = 0f;
        for (int i = 0; i < n; i++)
        {
            float value = XMath.Abs((0.5f * source[job.Offset + (i * (n + 1))]) + (0.5f * job.Damping));
            halfLargest = XMath.Max(halfLargest, value <= float.MaxValue ? value : float.PositiveInfinity);
        }

        if (halfLargest > float.MaxValue)
        {
            return -1;
        }

        float scale = Scale(halfLargest);
        Load(job, source, square, scale, padded, stride);
        for (int block = 0; block < padded / Block; block++)
        {
            int bad = Factor(square, rows, block, padded, stride);
            if (bad != 0)
            {
                // Anything that is not finite spoils a pivot, so only tiles with a bad pivot need to be searched for it.
                return IsFinite(job, source) ? bad : -1;
            }
        }

        Square(square, rows, padded, stride);
        float top = 0f;
        for (int i = 0; i < n; i++)
        {
            float value = square[(i * stride) + i];
            top = XMath.Max(top, value <= float.MaxValue ? value : float.PositiveInfinity);
        }

        if (!(top * scale <= float.MaxValue))
        {
            return -2;
        }

        // No element of a positive definite matrix exceeds the largest on its diagonal, so that most tiles need no norms.
        if (!((float)n * n * (halfLargest * scale * 2f) * top * Roundoff <= ConditionLimit))
        {
            float damped = DampedNorm(job, source, square, padded * stride, scale);
            float inverse = InverseNorm(square, padded * stride, n, stride);
            if (!(damped * inverse * Roundoff <= ConditionLimit))
            {
                return -2;
            }
        }

        Store(job, destination, square, stride, scale, top * InverseFloor);
        return 0;
    }

    /// <summary>The power of two that takes the largest element of the diagonal to [1, 2), clamped to the exponents of normal numbers; 1 for zero.</summary>
    private static float Scale(float halfLargest)
    {
        int exponent = XMath.Max(-126, XMath.Min(126, 126 - (Interop.FloatAsInt(halfLargest) >> 23)));
        return halfLargest == 0f ? 1f : Interop.IntAsFloat((exponent + 127) << 23);
    }

    /// <summary>First state: block rows from their diagonal block on, with what is far below the rounding of the diagonal set to zero.</summary>
    private static void Load(TileJob job, ArrayView<float> source, ArrayView<float> square, float scale, int padded, int stride)
    {
        int n = job.Dimension;
        for (int i = 0; i < padded; i++)
        {
            int row = i * stride;
            for (int j = i / Block * Block; j < padded; j++)
            {
                square[row + j] = 0f;
            }

            if (i < n)
            {
                for (int j = i; j < n; j++)
                {
                    float value = source[job.Offset + (i * n) + j] * scale;
                    square[row + j] = XMath.Abs(value) < SourceFloor ? 0f : value;
                }

                square[row + i] = (source[job.Offset + (i * n) + i] * scale) + (job.Damping * scale);
            }
            else
            {
                square[row + i] = 1f;
            }
        }
    }

    /// <summary>Takes a block row to its second state.</summary>
    /// <returns>0, or the order of the first minor that is not positive.</returns>
    private static int Factor(ArrayView<float> square, ArrayView<FloatX16> rows, int block, int padded, int stride)
    {
        int pitch = stride / Block;
        int first = block * Block;
        int panel = first * pitch;
        ProcessorBlocks.Multiply(square, first, stride, rows, block, pitch, first, rows, panel + block, pitch, Block, 1, -1f, true);
        int bad = Pivot(square, rows, first, stride);
        if (bad != 0)
        {
            return first + bad;
        }

        int beyond = (padded / Block) - block - 1;
        ProcessorBlocks.Multiply(square, first, stride, rows, block + 1, pitch, first, rows, panel + block + 1, pitch, Block, beyond, -1f, true);
        Solve(square, rows, first, stride, block + 1, beyond);

        // Left of the diagonal X begins: three blocks at a time, which share all rows but the first few.
        for (int start = 0; start < block; start += 3)
        {
            int width = XMath.Min(3, block - start);
            int common = start + width - 1;
            ProcessorBlocks.Multiply(
                square, (common * Block * stride) + first, stride, rows, (common * Block * pitch) + start, pitch, first - (common * Block), rows, panel + start, pitch, Block, width, -1f, false);
            for (int head = start; head < common; head++)
            {
                ProcessorBlocks.Multiply(
                    square, (head * Block * stride) + first, stride, rows, (head * Block * pitch) + head, pitch, (common - head) * Block, rows, panel + head, pitch, Block, 1, -1f, true);
            }
        }

        Solve(square, rows, first, stride, 0, block);
        return 0;
    }

    /// <summary>Columns of a block row times X, in place: rows from the bottom up, since each needs only those above it.</summary>
    private static void Solve(ArrayView<float> square, ArrayView<FloatX16> rows, int first, int stride, int column, int columns)
    {
        int pitch = stride / Block;
        int x = (first * stride) + first;
        ArrayView<FloatX16> sums = LocalMemory.Allocate<FloatX16>(Block);
        for (int j = column; j < column + columns; j++)
        {
            int at = (first * pitch) + j;
            for (int r = 0; r < Block; r++)
            {
                sums[r] = rows[at + (r * pitch)];
            }

            for (int down = 0; down < Block; down++)
            {
                int r = Block - 1 - down;
                FloatX16 sum = square[x + (r * stride)] * sums[0];
                for (int c = 1; c < Block; c++)
                {
                    if (c <= r)
                    {
                        sum = Fused.MultiplyAdd(square[x + (r * stride) + c], sums[c], sum);
                    }
                }

                rows[at + (r * pitch)] = sum;
            }
        }
    }

    /// <summary>
    /// Replaces the block A on the diagonal, given by its upper triangle, by X with X A X^T = I: lower triangular, zeros above. Elimination
    /// without square roots of the block and the identity side by side; X grows in the place of the lower triangle.
    /// </summary>
    /// <returns>0, or the order of the first minor that is not positive and finite; the block is then spoilt.</returns>
    private static int Pivot(ArrayView<float> square, ArrayView<FloatX16> rows, int first, int stride)
    {
        int pitch = stride / Block;
        int corner = (first * stride) + first;
        int vector = (first * pitch) + (first / Block);
        for (int i = 0; i < Block; i++)
        {
            for (int j = 0; j < i; j++)
            {
                square[corner + (i * stride) + j] = 0f;
            }
        }

        for (int m = 0; m < Block; m++)
        {
            int row = corner + (m * stride);
            float pivot = square[row + m];
            if (!(pivot > 0f && pivot <= float.MaxValue))
            {
                return m + 1;
            }

            // The whole row is taken: X left of the pivot, what remains of A right of it. Between them stands the pivot, which gives
            // row i the element of X below it.
            FloatX16 upper = rows[vector + (m * pitch)];
            float reciprocal = -1f / pivot;
            for (int i = m + 1; i < Block; i++)
            {
                float factor = square[row + i] * reciprocal;
                int target = vector + (i * pitch);
                rows[target] = Fused.MultiplyAdd(factor, upper, rows[target]);
                square[corner + (i * stride) + m] = factor;
            }
        }

        for (int i = 0; i < Block; i++)
        {
            int row = corner + (i * stride);
            float factor = 1f / XMath.Sqrt(square[row + i]);
            for (int j = 0; j < Block; j++)
            {
                square[row + j] = j < i ? square[row + j] * factor : j == i ? factor : 0f;
            }
        }

        return 0;
    }

    /// <summary>Third state: rows of X^T X, 8 at a time, which need only rows of X from theirs on and so may replace them from the top.</summary>
    private static void Square(ArrayView<float> square, ArrayView<FloatX16> rows, int padded, int stride)
    {
        int pitch = stride / Block;
        for (int row = 0; row < padded; row += ProcessorBlocks.Rows)
        {
            ProcessorBlocks.Multiply(
                square, (row * stride) + row, stride, rows, row * pitch, pitch, padded - row, rows, row * pitch, pitch, ProcessorBlocks.Rows, (row / Block) + 1, 1f, false);
        }
    }

    /// <summary>Writes the lower triangle and its mirror image, scaled, with zeros for what is below the floor off the diagonal.</summary>
    private static void Store(TileJob job, ArrayView<float> destination, ArrayView<float> square, int stride, float scale, float floor)
    {
        int n = job.Dimension;
        for (int i = 0; i < n; i++)
        {
            int row = i * stride;
            for (int j = 0; j < i; j++)
            {
                float value = square[row + j];
                square[row + j] = XMath.Abs(value) < floor ? 0f : value * scale;
            }

            square[row + i] *= scale;
        }

        for (int i = 0; i < n; i++)
        {
            long target = job.Offset + (i * n);
            for (int j = 0; j <= i; j++)
            {
                destination[target + j] = square[(i * stride) + j];
            }

            for (int j = i + 1; j < n; j++)
            {
                destination[target + j] = square[(j * stride) + i];
            }
        }
    }

    private static bool IsFinite(TileJob job, ArrayView<float> source)
    {
        int n = job.Dimension;
        float finite = 0f;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                finite = Fused.MultiplyAdd(source[job.Offset + (i * n) + j], 0f, finite);
            }
        }

        return finite == 0f;
    }

    /// <summary>1-norm of the scaled, damped tile, of which only the upper triangle is read. Elements behind the square hold the sums.</summary>
    private static float DampedNorm(TileJob job, ArrayView<float> source, ArrayView<float> square, int spare, float scale)
    {
        int n = job.Dimension;
        for (int j = 0; j < n; j++)
        {
            square[spare + j] = 0f;
        }

        for (int i = 0; i < n; i++)
        {
            float sum = 0f;
            for (int j = i + 1; j < n; j++)
            {
                float size = XMath.Abs(source[job.Offset + (i * n) + j] * scale);
                square[spare + j] += size;
                sum += size;
            }

            square[spare + i] += sum + XMath.Abs((source[job.Offset + (i * n) + i] * scale) + (job.Damping * scale));
        }

        return Largest(square, spare, n);
    }

    /// <summary>1-norm of the inverse, of which the square holds the lower triangle.</summary>
    private static float InverseNorm(ArrayView<float> square, int spare, int n, int stride)
    {
        for (int i = 0; i < n; i++)
        {
            float sum = 0f;
            for (int j = 0; j < i; j++)
            {
                float size = XMath.Abs(square[(i * stride) + j]);
                square[spare + j] += size;
                sum += size;
            }

            square[spare + i] = sum + XMath.Abs(square[(i * stride) + i]);
        }

        return Largest(square, spare, n);
    }

    private static float Largest(ArrayView<float> square, int at, int n)
    {
        float largest = 0f;
        for (int j = 0; j < n; j++)
        {
            largest = XMath.Max(largest, square[at + j]);
        }

        return largest;
    }
}
