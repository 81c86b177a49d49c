namespace Thor.Kernels.Kernels;

/// <summary>
/// Eigendecomposition of symmetric tiles on processors: groups of one thread, a tile each time. Reflections take the tile to a tridiagonal matrix,
/// A = Q T Q^T, and implicit QL steps take that to its eigenvalues and the rows of Q^T to eigenvectors, as on the host.
/// </summary>
/// <remarks>
/// The tile and Q^T lie in scratch, rows of whole lanes of 16 with zeros behind the last column. Vectors that begin inside a
/// lane have zeros before their first element, so that all work on rows is on whole lanes. About 9 n^3 operations.
/// </remarks>
public static partial class TileEigenProcessorKernels
{
    private const int Block = ProcessorBlocks.Lanes;
    private const int MostSteps = 60;
    private const float Roundoff = 5.9604644775390625e-8f;

    // 2^-48, the squared roundoff.
    private const float Floor = 3.5527136788005009e-15f;

    /// <summary>A = V D V^T for as many tiles as there are groups apart, from the group's own on.</summary>
    /// <param name="jobs">The tiles.</param>
    /// <param name="source">Packed tiles, of which upper triangles are read.</param>
    /// <param name="vectors">Packed V, may be the source.</param>
    /// <param name="values">Eigenvalues, ascending.</param>
    /// <param name="status">Per slot.</param>
    /// <param name="count">Number of tiles.</param>
    /// <param name="scratch">What <see cref="Elements"/> says for each group.</param>
    /// <param name="scratchPerGroup">Elements of scratch of a group.</param>
    [Kernel(MaxGroupSize = 1)]
    public static void Decompose(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> vectors,
        ArrayView<float> values,
        ArrayView<int> status,
        int count,
        ArrayView<float> scratch,
        int scratchPerGroup)
    {
        ArrayView<float> own = scratch.SubView((long)Grid.IdxX * scratchPerGroup, scratchPerGroup);
        for (int index = Grid.IdxX; index < count; index += Grid.DimX)
        {
            TileJob job = jobs[index];
            int word = Decompose(job, source, vectors, values, own);
            status[job.Slot] = word;
        }
    }

    /// <summary>Elements of scratch for a tile: two squares and four vectors.</summary>
    internal static int Elements(int dimension) => ((2 * dimension) + 4) * Stride(dimension);

    private static int Padded(int n) => (n + Block - 1) / Block * Block;

    /// <summary>One line more than the rows have, so that a column does not fall into a few sets of the first cache.</summary>
    private static int Stride(int n) => Padded(n) + Block;

    private static int Decompose(TileJob job, ArrayView<float> source, ArrayView<float> vectors, ArrayView<float> values, ArrayView<float> scratch)
    {
        int n = job.Dimension;
        int stride = Stride(n);
        ArrayView<float> a = scratch.SubView(0, n * stride);
        ArrayView<float> w = scratch.SubView(n * stride, n * stride);
        ArrayView<float> image = scratch.SubView(2 * n * stride, stride);
        ArrayView<float> diagonal = scratch.SubView(((2 * n) + 3) * stride, stride);
        ArrayView<float> beside = scratch.SubView(((2 * n) + 1) * stride, stride);
        ArrayView<float> factors = scratch.SubView(((2 * n) + 2) * stride, stride);
        float largest = 0f;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                float size = XMath.Abs(source[job.Offset + (i * n) + j]);
                largest = XMath.Max(largest, size <= float.MaxValue ? size : float.PositiveInfinity);
            }
        }

        if (!(largest <= float.MaxValue && job.Damping <= float.MaxValue))
        {
            return -1;
        }

        float scale = Scale(largest);
        Load(job, source, a, scale, stride);
        Reduce(a, image, diagonal, beside, factors, n, stride);
        Accumulate(a, w, factors, n, stride);
        if (!Iterate(w, diagonal, beside, n, stride))
        {
            return 1;
        }

        Store(job, w, diagonal, vectors, values, scale, stride);
        return 0;
    }

    /// <summary>The power of two that takes the largest magnitude to [1, 2), clamped to the exponents of normal numbers; 1 for zero.</summary>
    private static float Scale(float largest)
    {
        int exponent = XMath.Max(-126, XMath.Min(126, 127 - (Interop.FloatAsInt(largest) >> 23)));
        return largest == 0f ? 1f : Interop.IntAsFloat((exponent + 127) << 23);
    }

    /// <summary>The whole tile, scaled, with what is far below the rounding of the largest set to zero.</summary>
    private static void Load(TileJob job, ArrayView<float> source, ArrayView<float> a, float scale, int stride)
    {
        int n = job.Dimension;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                float value = source[job.Offset + (i * n) + j] * scale;
                value = XMath.Abs(value) >= Floor ? value : 0f;
                a[(i * stride) + j] = value;
                a[(j * stride) + i] = value;
            }

            for (int j = n; j < stride; j++)
            {
                a[(i * stride) + j] = 0f;
            }
        }
    }

    /// <summary>A = Q T Q^T with Q = H_0 H_1 ..., H_k = I - f_k v v^T. Row k of A becomes v, zero up to column k; f_k is 0 where there is nothing to reflect.</summary>
    /// <remarks>What is shorter than the floor of elements is rounding of rounding, and its factor may be beyond the range of floats.</remarks>
    private static void Reduce(
        ArrayView<float> a, ArrayView<float> image, ArrayView<float> diagonal, ArrayView<float> beside, ArrayView<float> factors, int n, int stride)
    {
        for (int k = 0; k < n; k++)
        {
            int row = k * stride;
            float head = k + 1 < n ? a[row + k + 1] : 0f;
            float below = 0f;
            for (int j = k + 2; j < n; j++)
            {
                below = Fused.MultiplyAdd(a[row + j], a[row + j], below);
            }

            diagonal[k] = a[row + k];
            beside[k] = head;
            factors[k] = 0f;
            if (below > Floor * Floor)
            {
                // The sign that does not cancel.
                float norm = XMath.Sqrt(Fused.MultiplyAdd(head, head, below));
                beside[k] = head > 0f ? -norm : norm;
                float first = head - beside[k];
                float factor = 2f / Fused.MultiplyAdd(first, first, below);
                factors[k] = factor;
                a[row + k + 1] = first;
                for (int j = 0; j <= k; j++)
                {
                    a[row + j] = 0f;
                }

                Reflect(a, image, k, factor, n, stride);
            }
        }
    }

    /// <summary>H B H = B - v w^T - w v^T for the rows and columns beyond k, with p = f B v and w = p - f/2 (p . v) v.</summary>
    private static void Reflect(ArrayView<float> a, ArrayView<float> image, int k, float factor, int n, int stride)
    {
        ArrayView<FloatX16> rows = a.Cast<FloatX16>();
        ArrayView<FloatX16> w = image.Cast<FloatX16>();
        int pitch = stride / Block;
        int lanes = Padded(n) / Block;
        int start = (k + 1) / Block;
        int v = k * pitch;
        for (int j = start * Block; j < lanes * Block; j++)
        {
            image[j] = 0f;
        }

        float along = 0f;
        for (int i = k + 1; i < n; i++)
        {
            FloatX16 sum = FloatX16.Splat(0f);
            for (int lane = start; lane < lanes; lane++)
            {
                sum = Fused.MultiplyAdd(rows[(i * pitch) + lane], rows[v + lane], sum);
            }

            image[i] = factor * ProcessorLanes.Sum(sum);
            along = Fused.MultiplyAdd(image[i], a[(k * stride) + i], along);
        }

        float half = -0.5f * factor * along;
        for (int lane = start; lane < lanes; lane++)
        {
            w[lane] = Fused.MultiplyAdd(half, rows[v + lane], w[lane]);
        }

        for (int i = k + 1; i < n; i++)
        {
            float ofV = -a[(k * stride) + i];
            float ofW = -image[i];
            for (int lane = start; lane < lanes; lane++)
            {
                FloatX16 value = Fused.MultiplyAdd(ofV, w[lane], rows[(i * pitch) + lane]);
                rows[(i * pitch) + lane] = Fused.MultiplyAdd(ofW, rows[v + lane], value);
            }
        }
    }

    /// <summary>Q^T, from the last reflection on: until H_k is applied, rows and columns up to k + 1 are those of the identity.</summary>
    private static void Accumulate(ArrayView<float> a, ArrayView<float> w, ArrayView<float> factors, int n, int stride)
    {
        ArrayView<FloatX16> reflections = a.Cast<FloatX16>();
        ArrayView<FloatX16> rows = w.Cast<FloatX16>();
        int pitch = stride / Block;
        int lanes = Padded(n) / Block;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < stride; j++)
            {
                w[(i * stride) + j] = i == j ? 1f : 0f;
            }
        }

        for (int down = 0; down < n; down++)
        {
            int k = n - 1 - down;
            float factor = factors[k];
            for (int i = factor == 0f ? n : k + 1; i < n; i++)
            {
                FloatX16 sum = FloatX16.Splat(0f);
                for (int lane = (k + 1) / Block; lane < lanes; lane++)
                {
                    sum = Fused.MultiplyAdd(rows[(i * pitch) + lane], reflections[(k * pitch) + lane], sum);
                }

                float along = -factor * ProcessorLanes.Sum(sum);
                for (int lane = (k + 1) / Block; lane < lanes; lane++)
                {
                    rows[(i * pitch) + lane] = Fused.MultiplyAdd(along, reflections[(k * pitch) + lane], rows[(i * pitch) + lane]);
                }
            }
        }
    }

    /// <summary>Takes T to its eigenvalues, one after the other from the top, by chasing the bulge of a shifted step upwards.</summary>
    private static bool Iterate(ArrayView<float> w, ArrayView<float> diagonal, ArrayView<float> beside, int n, int stride)
    {
        int top = 0;
        int step = 0;
        while (top < n && step <= MostSteps)
        {
            int end = top;
            while (end < n - 1 && XMath.Abs(beside[end]) > (Roundoff * (XMath.Abs(diagonal[end]) + XMath.Abs(diagonal[end + 1]))) + Floor)
            {
                end++;
            }

            if (end == top)
            {
                top++;
                step = 0;
            }
            else
            {
                Chase(w, diagonal, beside, top, end, stride);
                step++;
            }
        }

        return top == n;
    }

    /// <summary>One QL step on rows top to end, which nothing couples to those below.</summary>
    private static void Chase(ArrayView<float> w, ArrayView<float> diagonal, ArrayView<float> beside, int top, int end, int stride)
    {
        // The eigenvalue of the leading 2 x 2 block that is nearer to its first element.
        float half = (diagonal[top + 1] - diagonal[top]) / (2f * beside[top]);
        float root = XMath.Sqrt(Fused.MultiplyAdd(half, half, 1f));
        float shift = diagonal[top] - (beside[top] / (half + (half < 0f ? -root : root)));
        float bulge = diagonal[end] - shift;
        float cosine = 1f;
        float sine = 1f;
        float moved = 0f;
        float length = 1f;
        int i = end - 1;
        while (i >= top && length > 0f)
        {
            float outer = sine * beside[i];
            float inner = cosine * beside[i];
            length = XMath.Sqrt(Fused.MultiplyAdd(outer, outer, bulge * bulge));
            beside[i + 1] = length;
            if (length > 0f)
            {
                sine = outer / length;
                cosine = bulge / length;
                float rest = diagonal[i + 1] - moved;
                float change = Fused.MultiplyAdd(diagonal[i] - rest, sine, 2f * cosine * inner);
                moved = sine * change;
                diagonal[i + 1] = rest + moved;
                bulge = Fused.MultiplyAdd(cosine, change, -inner);
                Rotate(w, i, cosine, sine, stride);
                i--;
            }
        }

        if (length > 0f)
        {
            diagonal[top] -= moved;
            beside[top] = bulge;
        }
        else
        {
            // The matrix has come apart in the middle: what is above is taken up by the next step.
            diagonal[i + 1] -= moved;
        }

        beside[end] = 0f;
    }

    /// <summary>(x, y) = (c x - s y, s x + c y) for a row x and the one below it.</summary>
    private static void Rotate(ArrayView<float> w, int row, float cosine, float sine, int stride)
    {
        ArrayView<FloatX16> rows = w.Cast<FloatX16>();
        int pitch = stride / Block;
        for (int lane = 0; lane < pitch - 1; lane++)
        {
            int at = (row * pitch) + lane;
            FloatX16 x = rows[at];
            FloatX16 y = rows[at + pitch];
            rows[at] = (cosine * x) - (sine * y);
            rows[at + pitch] = Fused.MultiplyAdd(sine, x, cosine * y);
        }
    }

    /// <summary>Sorted and signed; rows become columns.</summary>
    private static void Store(
        TileJob job, ArrayView<float> w, ArrayView<float> diagonal, ArrayView<float> vectors, ArrayView<float> values, float scale, int stride)
    {
        int n = job.Dimension;
        for (int i = 0; i < n; i++)
        {
            int rank = 0;
            float own = diagonal[i];
            for (int other = 0; other < n; other++)
            {
                rank += diagonal[other] < own || (diagonal[other] == own && other < i) ? 1 : 0;
            }

            float head = 0f;
            for (int j = 0; j < n; j++)
            {
                float value = w[(i * stride) + j];
                head = XMath.Abs(value) > XMath.Abs(head) ? value : head;
            }

            values[job.First + rank] = (own / scale) + job.Damping;
            float sign = head < 0f ? -1f : 1f;
            for (int j = 0; j < n; j++)
            {
                vectors[job.Offset + (j * n) + rank] = sign * w[(i * stride) + j];
            }
        }
    }
}
