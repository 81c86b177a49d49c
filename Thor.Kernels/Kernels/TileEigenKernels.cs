namespace Thor.Kernels.Kernels;

/// <summary>
/// Eigendecomposition of symmetric tiles on GPUs by Jacobi's method with rotations side by side (Golub and Van Loan, Matrix Computations,
/// section 8.5): a sweep of n - 1 rounds meets every pair of indices once, and the n / 2 pairs of a round share nothing.
/// </summary>
/// <remarks>
/// One group of up to 256 threads for each tile. The tile and V^T lie in device memory, which for most tiles is the first or second cache. Shared
/// memory: the rotations of a round, 5 KiB. A round has two phases: a thread finds the rotation of a pair; a thread turns a 2 x 2 block, rows and
/// columns at once, of which only those on and above the diagonal are computed and the rest are mirrored, or two elements of rows of V^T. A round moves
/// 3 n^2 elements for 9 n^2 operations. Once a sweep has found nothing to turn the rest of the rounds do nothing but meet:
/// a barrier that not all trips reach is more than some compilers can do.
/// </remarks>
public static partial class TileEigenKernels
{
    /// <summary>Most threads of a group.</summary>
    public const int GroupThreads = 256;

    private const int MostPairs = TileLayout.MaximumDimension / 2;
    private const int Sweeps = 16;

    // Of a tile whose largest element is between 1 and 2: an eighth of its roundoff, and the square of it.
    private const float Settled = 7.4505805969238281e-09f;
    private const float Floor = 3.5527136788005009e-15f;

    /// <summary>A = V D V^T for every tile.</summary>
    /// <param name="jobs">The tiles, a group for each.</param>
    /// <param name="source">Packed tiles, of which upper triangles are read.</param>
    /// <param name="vectors">Packed V, may be the source.</param>
    /// <param name="values">Eigenvalues, ascending.</param>
    /// <param name="status">Per slot.</param>
    /// <param name="scratch">Two squares for each group.</param>
    /// <param name="scratchPerGroup">Elements of scratch of a group.</param>
    [Kernel(MaxGroupSize = GroupThreads)]
    public static void Rotate(
        ReadOnlyView<TileJob> jobs,
        ArrayView<float> source,
        ArrayView<float> vectors,
        ArrayView<float> values,
        ArrayView<int> status,
        ArrayView<float> scratch,
        int scratchPerGroup)
    {
        ArrayView<float> cosines = SharedMemory.Allocate<float>(MostPairs);
        ArrayView<float> sines = SharedMemory.Allocate<float>(MostPairs);
        ArrayView<float> tangents = SharedMemory.Allocate<float>(MostPairs);
        ArrayView<float> flags = SharedMemory.Allocate<float>(GroupThreads);
        ArrayView<int> order = SharedMemory.Allocate<int>(TileLayout.MaximumDimension);
        TileJob job = jobs[Grid.IdxX];
        int n = Group.Uniform(job.Dimension);
        int threads = Group.DimX;
        int thread = Group.IdxX;
        ArrayView<float> a = scratch.SubView((long)Grid.IdxX * scratchPerGroup, n * n);
        ArrayView<float> w = scratch.SubView(((long)Grid.IdxX * scratchPerGroup) + (n * n), n * n);

        float largest = 0f;
        for (int at = thread; at < n * n; at += threads)
        {
            float size = at % n >= at / n ? XMath.Abs(source[job.Offset + at]) : 0f;
            largest = XMath.Max(largest, size <= float.MaxValue ? size : float.PositiveInfinity);
        }

        flags[thread] = largest;
        Group.Barrier();
        for (int other = 0; other < threads; other++)
        {
            largest = XMath.Max(largest, flags[other]);
        }

        bool finite = largest <= float.MaxValue && job.Damping <= float.MaxValue;
        float scale = Scale(largest);
        for (int at = thread; at < n * n; at += threads)
        {
            int i = at / n;
            int j = at % n;
            float value = source[job.Offset + (j >= i ? at : (j * n) + i)] * scale;
            a[at] = XMath.Abs(value) >= Floor ? value : 0f;
            w[at] = i == j ? 1f : 0f;
        }

        // An odd dimension has one more index, which is no row, so that everybody has a partner.
        int players = Group.Uniform(n + (n % 2));
        int pairs = players / 2;
        bool active = finite;
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            float turned = 0f;
            for (int round = 0; round < players - 1; round++)
            {
                Group.Barrier();
                if (active)
                {
                    for (int pair = thread; pair < pairs; pair += threads)
                    {
                        turned += FindRotation(a, n, First(pair, round, players), Second(pair, round, players), pair, cosines, sines, tangents);
                    }
                }

                Group.Barrier();
                if (active)
                {
                    Turn(a, w, n, round, players, cosines, sines, tangents);
                }
            }

            Group.Barrier();
            flags[thread] = turned;
            Group.Barrier();
            float sum = 0f;
            for (int other = 0; other < threads; other++)
            {
                sum += flags[other];
            }

            active = active && sum > 0f;
        }

        for (int i = thread; i < n; i += threads)
        {
            int rank = 0;
            float own = a[i * (n + 1)];
            for (int other = 0; other < n; other++)
            {
                float value = a[other * (n + 1)];
                rank += value < own || (value == own && other < i) ? 1 : 0;
            }

            if (finite && !active)
            {
                order[rank] = i;
                values[job.First + rank] = (own / scale) + job.Damping;
            }
        }

        Group.Barrier();
        for (int k = thread; k < n; k += threads)
        {
            if (finite && !active)
            {
                Store(w, vectors, job.Offset, n, k, order[k]);
            }
        }

        if (thread == 0)
        {
            status[job.Slot] = !finite ? -1 : active ? 1 : 0;
        }
    }

    /// <summary>Elements of scratch of a group.</summary>
    internal static int Elements(int dimension) => 2 * dimension * dimension;

    /// <summary>The power of two that takes the largest magnitude to [1, 2), clamped to the exponents of normal numbers; 1 for zero.</summary>
    private static float Scale(float largest)
    {
        int exponent = XMath.Max(-126, XMath.Min(126, 127 - (Interop.FloatAsInt(largest) >> 23)));
        return largest == 0f ? 1f : Interop.IntAsFloat((exponent + 127) << 23);
    }

    /// <summary>The first index of a pair: all players but the last sit in a circle that turns one seat a round; the last has a fixed seat.</summary>
    private static int First(int pair, int round, int players) =>
        pair == 0 ? round : XMath.Min((round + pair) % (players - 1), (round + players - 1 - pair) % (players - 1));

    /// <summary>The second and larger index of a pair; n where a row has no partner.</summary>
    private static int Second(int pair, int round, int players) =>
        pair == 0 ? players - 1 : XMath.Max((round + pair) % (players - 1), (round + players - 1 - pair) % (players - 1));

    /// <summary>The rotation by at most 45 degrees that makes element (p, q) zero.</summary>
    /// <returns>1, or 0 where it is nothing already.</returns>
    private static float FindRotation(
        ArrayView<float> a, int n, int p, int q, int pair, ArrayView<float> cosines, ArrayView<float> sines, ArrayView<float> tangents)
    {
        float tangent = 0f;
        if (q < n)
        {
            float off = a[(p * n) + q];
            float apart = a[q * (n + 1)] - a[p * (n + 1)];
            if (XMath.Abs(off) > Settled)
            {
                // t^2 + 2 theta t = 1.
                float theta = apart / (2f * off);
                float size = XMath.Abs(theta) + XMath.Sqrt(Fused.MultiplyAdd(theta, theta, 1f));
                tangent = theta < 0f ? -1f / size : 1f / size;
            }
        }

        float cosine = 1f / XMath.Sqrt(Fused.MultiplyAdd(tangent, tangent, 1f));
        cosines[pair] = cosine;
        sines[pair] = tangent * cosine;
        tangents[pair] = tangent;
        return tangent != 0f ? 1f : 0f;
    }

    /// <summary>Applies the rotations of a round: 2 x 2 blocks of the tile, then rows of V^T.</summary>
    private static void Turn(
        ArrayView<float> a, ArrayView<float> w, int n, int round, int players, ArrayView<float> cosines, ArrayView<float> sines, ArrayView<float> tangents)
    {
        int pairs = players / 2;

        // Block rows k and pairs - 1 - k have pairs + 1 blocks together.
        for (int block = Group.IdxX; block < (pairs + 1) / 2 * (pairs + 1); block += Group.DimX)
        {
            int row = block / (pairs + 1);
            int column = block % (pairs + 1);
            int k = column > row ? row : pairs - 1 - row;
            int l = column > row ? column - 1 : pairs - 1 - column;
            bool twice = column <= row && k == row;
            if (k == l && !twice)
            {
                TurnDiagonal(a, n, First(k, round, players), Second(k, round, players), tangents[k]);
            }
            else if (!twice && (sines[k] != 0f || sines[l] != 0f))
            {
                TurnBlock(
                    a, n, First(k, round, players), Second(k, round, players), First(l, round, players), Second(l, round, players), cosines[k], sines[k], cosines[l], sines[l]);
            }
        }

        for (int at = Group.IdxX; at < pairs * n; at += Group.DimX)
        {
            int pair = at / n;
            int column = at % n;
            float sine = sines[pair];
            if (sine != 0f)
            {
                // Rutishauser's form: small rotations make small errors, so that rows stay orthonormal.
                float half = sine / (1f + cosines[pair]);
                int p = (First(pair, round, players) * n) + column;
                int q = (Second(pair, round, players) * n) + column;
                float x = w[p];
                float y = w[q];
                w[p] = Fused.MultiplyAdd(-sine, Fused.MultiplyAdd(half, x, y), x);
                w[q] = Fused.MultiplyAdd(sine, Fused.MultiplyAdd(-half, y, x), y);
            }
        }
    }

    private static void TurnDiagonal(ArrayView<float> a, int n, int p, int q, float tangent)
    {
        if (tangent != 0f)
        {
            float moved = tangent * a[(p * n) + q];
            a[p * (n + 1)] -= moved;
            a[q * (n + 1)] += moved;
            a[(p * n) + q] = 0f;
            a[(q * n) + p] = 0f;
        }
    }

    /// <summary>Rows p and q by one rotation, columns r and s by another; the mirror image is the same block transposed. What lies beyond the tile is zero.</summary>
    private static void TurnBlock(ArrayView<float> a, int n, int p, int q, int r, int s, float rowCosine, float rowSine, float columnCosine, float columnSine)
    {
        float pr = a[(p * n) + r];
        float ps = s < n ? a[(p * n) + s] : 0f;
        float qr = q < n ? a[(q * n) + r] : 0f;
        float qs = q < n && s < n ? a[(q * n) + s] : 0f;
        float x = (rowCosine * pr) - (rowSine * qr);
        float y = (rowCosine * ps) - (rowSine * qs);
        float u = Fused.MultiplyAdd(rowSine, pr, rowCosine * qr);
        float v = Fused.MultiplyAdd(rowSine, ps, rowCosine * qs);
        Put(a, n, p, r, (columnCosine * x) - (columnSine * y));
        Put(a, n, p, s, Fused.MultiplyAdd(columnSine, x, columnCosine * y));
        Put(a, n, q, r, (columnCosine * u) - (columnSine * v));
        Put(a, n, q, s, Fused.MultiplyAdd(columnSine, u, columnCosine * v));
    }

    private static void Put(ArrayView<float> a, int n, int i, int j, float value)
    {
        if (i < n && j < n)
        {
            a[(i * n) + j] = value;
            a[(j * n) + i] = value;
        }
    }

    /// <summary>Writes one row of V^T as a column, its largest element positive.</summary>
    private static void Store(ArrayView<float> w, ArrayView<float> vectors, long offset, int n, int column, int row)
    {
        float head = 0f;
        for (int i = 0; i < n; i++)
        {
            float value = w[(row * n) + i];
            head = XMath.Abs(value) > XMath.Abs(head) ? value : head;
        }

        for (int i = 0; i < n; i++)
        {
            float value = w[(row * n) + i];
            vectors[offset + (i * n) + column] = head < 0f ? -value : value;
        }
    }
}
