namespace Thor.Kernels.Kernels;

/// <summary>
/// Blocks of 8 x 8 sums that a thread keeps in 64 registers, row by row, and panels of shared memory that feed them. A row of a panel is two
/// half rows, the left and the right 4 columns of every block: threads of neighbouring blocks then read neighbouring 16 bytes.
/// </summary>
internal static class TileRegisters
{
    /// <summary>Rows and columns of a block.</summary>
    public const int Block = 8;

    /// <summary>Elements of a block.</summary>
    public const int BlockElements = Block * Block;

    /// <summary>Rows of a panel.</summary>
    public const int PanelRows = 8;

    /// <summary>
    /// Words of a half row of a panel. For many blocks both halves of four neighbouring blocks lie in different banks; few blocks come in
    /// many panels, whose shared memory is dear.
    /// </summary>
    public static int HalfRow(int blocks) => blocks < 7 ? 4 * blocks : (((4 * blocks) + 15) / 32 * 32) + 16;

    /// <summary>Words of a row of a panel: 4 more than two half rows, so that a column of rows lies in different banks.</summary>
    public static int RowWords(int half) => (2 * half) + 4;

    /// <summary>Place of a column inside a row of a panel.</summary>
    public static int Place(int column, int half) => (column / Block * 4) + (column % 4) + (column / 4 % 2 * half);

    /// <summary>All sums zero.</summary>
    public static void Clear(ArrayView<float> own)
    {
        for (int e = 0; e < BlockElements; e++)
        {
            own[e] = 0f;
        }
    }

    /// <summary>own += P^T Q for 8 rows of two panels.</summary>
    /// <param name="panels">Shared memory.</param>
    /// <param name="left">Index of the first row's left half of the block of P, in units of 4 words.</param>
    /// <param name="leftPitch">From row to row of P.</param>
    /// <param name="leftHalf">From the left to the right half of P.</param>
    /// <param name="right">The same of Q.</param>
    /// <param name="rightPitch">The same of Q.</param>
    /// <param name="rightHalf">The same of Q.</param>
    /// <param name="own">The sums.</param>
    public static void Accumulate(
        ArrayView<FloatX4> panels, int left, int leftPitch, int leftHalf, int right, int rightPitch, int rightHalf, ArrayView<float> own)
    {
        AccumulateRows(panels, left, leftPitch, leftHalf, right, rightPitch, rightHalf, PanelRows, own);
    }

    /// <summary>own += P^T Q for 8 rows of two panels, on and above the diagonal only.</summary>
    /// <param name="panels">Shared memory.</param>
    /// <param name="left">Index of the first row's left half of the block of P, in units of 4 words.</param>
    /// <param name="right">The same of Q.</param>
    /// <param name="pitch">From row to row.</param>
    /// <param name="half">From the left to the right half.</param>
    /// <param name="own">The sums.</param>
    public static void AccumulateTriangle(ArrayView<FloatX4> panels, int left, int right, int pitch, int half, ArrayView<float> own)
    {
        for (int m = 0; m < PanelRows; m++)
        {
            FloatX4 a = panels[left + (m * pitch)];
            FloatX4 b = panels[left + (m * pitch) + half];
            FloatX4 c = panels[right + (m * pitch)];
            FloatX4 d = panels[right + (m * pitch) + half];
            AddRow(own, 0, a.X, c, d);
            AddRowFrom(own, 8, 1, a.Y, c, d);
            AddRowFrom(own, 16, 2, a.Z, c, d);
            AddRowFrom(own, 24, 3, a.W, c, d);
            AddRowFrom(own, 32, 4, b.X, c, d);
            AddRowFrom(own, 40, 5, b.Y, c, d);
            AddRowFrom(own, 48, 6, b.Z, c, d);
            AddRowFrom(own, 56, 7, b.W, c, d);
        }
    }

    /// <summary>Exchanges rows and columns.</summary>
    public static void Transpose(ArrayView<float> own)
    {
        for (int r = 0; r < Block; r++)
        {
            for (int c = 0; c < Block; c++)
            {
                if (c < r)
                {
                    float below = own[(r * Block) + c];
                    own[(r * Block) + c] = own[(c * Block) + r];
                    own[(c * Block) + r] = below;
                }
            }
        }
    }

    /// <summary>Makes a block symmetric after what is above its diagonal.</summary>
    public static void Mirror(ArrayView<float> own)
    {
        for (int r = 0; r < Block; r++)
        {
            for (int c = 0; c < Block; c++)
            {
                if (c < r)
                {
                    own[(r * Block) + c] = own[(c * Block) + r];
                }
            }
        }
    }

    /// <summary>
    /// Four rows at a time: their number is an argument because PoCL's compiler loses sums where 512 multiply-adds stand in one line.
    /// </summary>
    private static void AccumulateRows(
        ArrayView<FloatX4> panels,
        int left,
        int leftPitch,
        int leftHalf,
        int right,
        int rightPitch,
        int rightHalf,
        int rows,
        ArrayView<float> own)
    {
        for (int first = 0; first < rows; first += 4)
        {
            for (int m = 0; m < 4; m++)
            {
                int p = left + ((first + m) * leftPitch);
                int q = right + ((first + m) * rightPitch);
                FloatX4 a = panels[p];
                FloatX4 b = panels[p + leftHalf];
                FloatX4 c = panels[q];
                FloatX4 d = panels[q + rightHalf];
                AddRow(own, 0, a.X, c, d);
                AddRow(own, 8, a.Y, c, d);
                AddRow(own, 16, a.Z, c, d);
                AddRow(own, 24, a.W, c, d);
                AddRow(own, 32, b.X, c, d);
                AddRow(own, 40, b.Y, c, d);
                AddRow(own, 48, b.Z, c, d);
                AddRow(own, 56, b.W, c, d);
            }
        }
    }

    /// <summary>Adds a multiple of a row to a row of sums, from the given column on, which is not the first.</summary>
    public static void AddRowFrom(ArrayView<float> own, int row, int first, float factor, FloatX4 left, FloatX4 right)
    {
        own[row + 7] = Fused.MultiplyAdd(factor, right.W, own[row + 7]);
        if (first < 7)
        {
            own[row + 6] = Fused.MultiplyAdd(factor, right.Z, own[row + 6]);
        }

        if (first < 6)
        {
            own[row + 5] = Fused.MultiplyAdd(factor, right.Y, own[row + 5]);
        }

        if (first < 5)
        {
            own[row + 4] = Fused.MultiplyAdd(factor, right.X, own[row + 4]);
        }

        if (first < 4)
        {
            own[row + 3] = Fused.MultiplyAdd(factor, left.W, own[row + 3]);
        }

        if (first < 3)
        {
            own[row + 2] = Fused.MultiplyAdd(factor, left.Z, own[row + 2]);
        }

        if (first < 2)
        {
            own[row + 1] = Fused.MultiplyAdd(factor, left.Y, own[row + 1]);
        }
    }

    private static void AddRow(ArrayView<float> own, int row, float factor, FloatX4 left, FloatX4 right)
    {
        own[row] = Fused.MultiplyAdd(factor, left.X, own[row]);
        own[row + 1] = Fused.MultiplyAdd(factor, left.Y, own[row + 1]);
        own[row + 2] = Fused.MultiplyAdd(factor, left.Z, own[row + 2]);
        own[row + 3] = Fused.MultiplyAdd(factor, left.W, own[row + 3]);
        own[row + 4] = Fused.MultiplyAdd(factor, right.X, own[row + 4]);
        own[row + 5] = Fused.MultiplyAdd(factor, right.Y, own[row + 5]);
        own[row + 6] = Fused.MultiplyAdd(factor, right.Z, own[row + 6]);
        own[row + 7] = Fused.MultiplyAdd(factor, right.W, own[row + 7]);
    }
}
