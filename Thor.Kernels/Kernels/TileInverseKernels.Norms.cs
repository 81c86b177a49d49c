namespace Thor.Kernels.Kernels;

/// <content>1-norms, for the few tiles whose largest elements alone do not rule out hopeless conditioning.</content>
public static partial class TileInverseKernels
{
    /// <summary>
    /// Writes each team's norms of its inverse and of its damped tile, if any team asked. Panels serve as a table: a column's sums over each
    /// block row. Barriers stand outside of the condition: that is cheap, and not every compiler is right about the other.
    /// </summary>
    private static void Norm(
        ReadOnlyView<TileJob> jobs,
        int first,
        ArrayView<float> source,
        ArrayView<float> shared,
        int start,
        int words,
        int teams,
        int blockRows,
        int n,
        bool active,
        bool asked,
        int i,
        int j,
        ArrayView<float> own)
    {
        int width = blockRows * Block;
        bool writes = asked && active && j == 0;
        if (asked && active)
        {
            Tabulate(shared.SubView(start + Panels, blockRows * width), width, i, j, own);
        }

        Group.Barrier();
        if (asked)
        {
            SumColumns(shared, words, teams, blockRows);
        }

        Group.Barrier();
        LargestColumn(shared, start, n, Norms, writes);
        Group.Barrier();
        if (asked)
        {
            SumSource(jobs, first, source, shared, words, teams, width);
        }

        Group.Barrier();
        LargestColumn(shared, start, n, Norms + 1, writes);
        Group.Barrier();
    }

    /// <summary>The sums of magnitudes of a block's columns, and of its rows, which are columns of its mirror image.</summary>
    private static void Tabulate(ArrayView<float> table, int width, int i, int j, ArrayView<float> own)
    {
        for (int c = 0; c < Block; c++)
        {
            float down = 0f;
            float across = 0f;
            for (int r = 0; r < Block; r++)
            {
                down += XMath.Abs(own[(r * Block) + c]);
                across += XMath.Abs(own[(c * Block) + r]);
            }

            table[(i * width) + (j * Block) + c] = down;
            if (i != j)
            {
                table[(j * width) + (i * Block) + c] = across;
            }
        }
    }

    /// <summary>The sums of magnitudes of the columns of each team's damped tile.</summary>
    private static void SumSource(
        ReadOnlyView<TileJob> jobs, int first, ArrayView<float> source, ArrayView<float> shared, int words, int teams, int width)
    {
        for (int c = Group.IdxX; c < teams * width; c += Group.DimX)
        {
            int team = c / width;
            int column = c % width;
            TileJob job = jobs[first + team];
            float sum = 0f;
            if (column < job.Dimension)
            {
                job.Damping = shared[(team * words) + DampingOfTeam];
                sum = DampedColumnNorm(source, job, column, shared[(team * words) + ScaleOfTeam]);
            }

            shared[(team * words) + Panels + column] = sum;
        }
    }

    /// <summary>Adds up the table of each team, column by column, into its first row.</summary>
    private static void SumColumns(ArrayView<float> shared, int words, int teams, int blockRows)
    {
        int width = blockRows * Block;
        for (int c = Group.IdxX; c < teams * width; c += Group.DimX)
        {
            int at = (c / width * words) + Panels + (c % width);
            float sum = 0f;
            for (int row = 0; row < blockRows; row++)
            {
                sum += shared[at + (row * width)];
            }

            shared[at] = sum;
        }
    }

    private static void LargestColumn(ArrayView<float> shared, int start, int n, int result, bool writes)
    {
        if (writes)
        {
            float largest = 0f;
            for (int c = 0; c < n; c++)
            {
                largest = XMath.Max(largest, shared[start + Panels + c]);
            }

            shared[start + result] = largest;
        }
    }

    /// <summary>Sum of the magnitudes of a column of the scaled, damped tile, of which only the upper triangle is read.</summary>
    private static float DampedColumnNorm(ArrayView<float> source, TileJob job, int column, float scale)
    {
        float sum = 0f;
        for (int row = 0; row < job.Dimension; row++)
        {
            int low = XMath.Min(row, column);
            int high = XMath.Max(row, column);
            float value = source[job.Offset + (low * job.Dimension) + high] * scale;
            sum += XMath.Abs(row == column ? value + (job.Damping * scale) : value);
        }

        return sum;
    }
}
