namespace Thor.Kernels.Kernels;

/// <content>Scales, and whether there is an inverse.</content>
public static partial class TileInverseProcessorKernels
{
    /// <summary>A tile and the scale of its diagonal; its status is -1 if that is not finite.</summary>
    private static TileLane LaneOf(TileJob job, ArrayView<float> source)
    {
        float halfLargest = 0f;
        for (int i = 0; i < job.Dimension; i++)
        {
            float value = XMath.Abs((0.5f * source[job.Offset + ((long)i * (job.Dimension + 1))]) + (0.5f * job.Damping));
            float finite = value <= float.MaxValue ? value : float.PositiveInfinity;
            halfLargest = finite > halfLargest ? finite : halfLargest;
        }

        float scale = Scale(halfLargest);
        TileLane lane = default;
        lane.Offset = job.Offset;
        lane.Scale = scale;
        lane.Shift = job.Damping * scale;
        lane.HalfLargest = halfLargest * scale;
        lane.Status = halfLargest > float.MaxValue ? -1 : 0;
        return lane;
    }

    /// <summary>The power of two that takes the largest element of the diagonal to [1, 2), clamped to the exponents of normal numbers; 1 for zero.</summary>
    private static float Scale(float halfLargest)
    {
        int exponent = XMath.Max(-126, XMath.Min(126, 126 - (Interop.FloatAsInt(halfLargest) >> 23)));
        return halfLargest == 0f ? 1f : Interop.IntAsFloat((exponent + 127) << 23);
    }

    /// <summary>Looks for pivots that are not positive and finite.</summary>
    private static void JudgePivots(ref TileLane left, ref TileLane right, int n, ArrayView<float> source, ArrayView<float> square)
    {
        int pivots = Pivots(Blocks(n)) * 2 * Block;
        int bad = 0;
        for (int i = 0; i < Iterations.Independent(2 * n); i++)
        {
            bad += IsGoodPivot(square[pivots + i]) ? 0 : 1;
        }

        if (bad > 0)
        {
            JudgePivots(ref left, n, source, square, pivots);
            JudgePivots(ref right, n, source, square, pivots + 1);
        }
    }

    private static void JudgePivots(ref TileLane lane, int n, ArrayView<float> source, ArrayView<float> square, int pivots)
    {
        int good = 0;
        while (good < n && IsGoodPivot(square[pivots + (2 * good)]))
        {
            good++;
        }

        if (lane.Status == 0 && good < n)
        {
            // Anything that is not finite spoils a pivot, so only tiles with a bad pivot need to be searched for it.
            lane.Status = IsFinite(lane, n, source) ? good + 1 : -1;
        }
    }

    /// <summary>Whether minus a pivot is negative and finite.</summary>
    private static bool IsGoodPivot(float negative) => negative < 0f && negative >= -float.MaxValue;

    private static bool IsFinite(TileLane lane, int n, ArrayView<float> source)
    {
        float finite = 0f;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                finite = Fused.MultiplyAdd(source[lane.Offset + ((long)i * n) + j], 0f, finite);
            }
        }

        return finite == 0f;
    }

    /// <summary>Looks for inverses that overflow or cannot be trusted.</summary>
    private static void JudgeInverses(ref TileLane left, ref TileLane right, int n, ArrayView<float> source, ArrayView<float> square)
    {
        int next = (Pitch(Blocks(n)) * 2 * Block) + 2;
        float leftTop = 0f;
        float rightTop = 0f;
        for (int i = 0; i < n; i++)
        {
            float x = square[i * next];
            float y = square[(i * next) + 1];
            x = x <= float.MaxValue ? x : float.PositiveInfinity;
            y = y <= float.MaxValue ? y : float.PositiveInfinity;
            leftTop = x > leftTop ? x : leftTop;
            rightTop = y > rightTop ? y : rightTop;
        }

        JudgeInverse(ref left, n, leftTop, source, square, 0);
        JudgeInverse(ref right, n, rightTop, source, square, 1);
    }

    private static void JudgeInverse(ref TileLane lane, int n, float top, ArrayView<float> source, ArrayView<float> square, int place)
    {
        lane.Floor = top * InverseFloor;
        if (lane.Status != 0)
        {
            return;
        }

        if (!(top * lane.Scale <= float.MaxValue))
        {
            lane.Status = -2;
        }

        // No element of a positive definite matrix exceeds the largest on its diagonal, so that most tiles need no norms.
        else if (!((float)n * n * (lane.HalfLargest * 2f) * top * Roundoff <= ConditionLimit))
        {
            float damped = DampedNorm(lane, n, source, square);
            float inverse = InverseNorm(n, square, place);
            lane.Status = damped * inverse * Roundoff <= ConditionLimit ? 0 : -2;
        }
    }

    /// <summary>1-norm of the scaled, damped tile, of which only the upper triangle is read. The sums take the place of the pivots.</summary>
    private static float DampedNorm(TileLane lane, int n, ArrayView<float> source, ArrayView<float> square)
    {
        int sums = Pivots(Blocks(n)) * 2 * Block;
        for (int j = 0; j < n; j++)
        {
            square[sums + j] = 0f;
        }

        for (int i = 0; i < n; i++)
        {
            float sum = 0f;
            for (int j = i + 1; j < n; j++)
            {
                float size = XMath.Abs(source[lane.Offset + ((long)i * n) + j] * lane.Scale);
                square[sums + j] += size;
                sum += size;
            }

            square[sums + i] += sum + XMath.Abs((source[lane.Offset + ((long)i * n) + i] * lane.Scale) + lane.Shift);
        }

        return Largest(n, square, sums);
    }

    /// <summary>1-norm of the inverse, which is symmetric.</summary>
    private static float InverseNorm(int n, ArrayView<float> square, int place)
    {
        int stride = Pitch(Blocks(n)) * 2 * Block;
        float largest = 0f;
        for (int i = 0; i < n; i++)
        {
            float sum = 0f;
            for (int j = 0; j < n; j++)
            {
                sum += XMath.Abs(square[(i * stride) + (2 * j) + place]);
            }

            largest = XMath.Max(largest, sum);
        }

        return largest;
    }

    private static float Largest(int n, ArrayView<float> square, int at)
    {
        float largest = 0f;
        for (int j = 0; j < n; j++)
        {
            largest = XMath.Max(largest, square[at + j]);
        }

        return largest;
    }
}
