namespace Thor.Kernels.Kernels;

/// <content>Products of strips on tensor cores: which of them a warp computes, from panels in shared memory to sums in registers.</content>
public static partial class TileCovarianceKernels
{
    // Sums of a product of two strips in a thread, and what it holds of a strip of 16 steps in bfloat16 or 8 in TF32.
    private const int StripSums = 8;
    private const int StripWords = 4;
    private const int MostStrips = 6;
    private const int MostPartners = 4;
    private const int MostProducts = 9;

    private static void ClearStrips(ArrayView<float> sums)
    {
        for (int e = 0; e < StripSums * MostProducts; e++)
        {
            sums[e] = 0f;
        }
    }

    /// <summary>Number of the strip that a warp holds in a place: the rows' first, or the columns' from the third place on where there are two pieces.</summary>
    private static int StripAt(int place, int strips, int square)
    {
        int warp = Group.IdxX / 32;
        if (square != 0)
        {
            return place < 2 ? (warp % 4 * 2) + place : (warp / 4 * 4) + place - 2;
        }

        int strip = (2 * warp) + place;
        return strip < strips ? strip : strip - strips;
    }

    /// <summary>Whether the product of strips that lie half a piece apart is that of the warp's second strip: where it is not, another warp has computed it.</summary>
    private static bool TakesSecond(int strips) => strips % 4 == 0 && Group.IdxX / 32 >= strips / 4;

    /// <summary>Adds the products of 16 rows.</summary>
    private static void MultiplyStrips(
        ArrayView<FloatX2> panels, ArrayView<int> words, ArrayView<float> sums, int half, int strips, int square, int bfloat16)
    {
        int pitch = TileRegisters.RowWords(half) / 2;
        int group = Group.IdxX % 32 / 4;
        int inGroup = Group.IdxX % 4;
        int lane = (inGroup * pitch) + (TileRegisters.Place(2 * group, half) / 2);
        int partners = strips / 2;
        int columns = 2 * square;
        for (int pass = 0; pass < 2; pass++)
        {
            if (pass == 0 || bfloat16 == 0)
            {
                for (int place = 0; place < MostStrips; place++)
                {
                    if (place < partners + 2)
                    {
                        int panel = square != 0 && place > 1 ? TensorPanels * PanelRows * pitch : 0;
                        int from = panel + lane + (pass * PanelRows * pitch) + (Strip / 4 * StripAt(place, strips, square));
                        LoadStrip(panels, from, pitch, words, StripWords * place, bfloat16);
                    }
                }

                for (int partner = 0; partner < MostPartners; partner++)
                {
                    if (partner < partners)
                    {
                        int left = StripWords * (columns + partner);
                        int right = StripWords * (1 - square + columns + partner);
                        int second = StripSums * (partners + partner);
                        AddProduct(
                            sums, StripSums * partner, words[0], words[1], words[2], words[3], words[left], words[left + 1], words[left + 2], words[left + 3], bfloat16);
                        AddProduct(
                            sums, second, words[4], words[5], words[6], words[7], words[right], words[right + 1], words[right + 2], words[right + 3], bfloat16);
                    }
                }

                if (square == 0)
                {
                    bool second = TakesSecond(strips);
                    int far = StripWords * partners;
                    AddProduct(
                        sums,
                        StripSums * strips,
                        Either(second, words[4], words[0]),
                        Either(second, words[5], words[1]),
                        Either(second, words[6], words[2]),
                        Either(second, words[7], words[3]),
                        Either(second, words[far + 4], words[far]),
                        Either(second, words[far + 5], words[far + 1]),
                        Either(second, words[far + 6], words[far + 2]),
                        Either(second, words[far + 7], words[far + 3]),
                        bfloat16);
                }
            }
        }
    }

    /// <summary>One of two numbers, not one of two places: an array that is read where a condition says does not stay in registers.</summary>
    private static int Either(bool first, int one, int other) => first ? one : other;

    /// <summary>Reads what this thread holds of a strip and rounds it: of 16 rows to bfloat16, in pairs of rows; of 8 rows to TF32.</summary>
    private static void LoadStrip(ArrayView<FloatX2> panels, int from, int pitch, ArrayView<int> words, int at, int bfloat16)
    {
        FloatX2 first = panels[from];
        FloatX2 second = panels[from + (4 * pitch)];
        if (bfloat16 != 0)
        {
            FloatX2 third = panels[from + (8 * pitch)];
            FloatX2 fourth = panels[from + (12 * pitch)];
            PtxConvert.RoundBfloat16Pair(ref words[at], second.X, first.X);
            PtxConvert.RoundBfloat16Pair(ref words[at + 1], second.Y, first.Y);
            PtxConvert.RoundBfloat16Pair(ref words[at + 2], fourth.X, third.X);
            PtxConvert.RoundBfloat16Pair(ref words[at + 3], fourth.Y, third.Y);
        }
        else
        {
            words[at] = Interop.FloatAsInt(first.X * GemmKernels.Tf32Rounding);
            words[at + 1] = Interop.FloatAsInt(first.Y * GemmKernels.Tf32Rounding);
            words[at + 2] = Interop.FloatAsInt(second.X * GemmKernels.Tf32Rounding);
            words[at + 3] = Interop.FloatAsInt(second.Y * GemmKernels.Tf32Rounding);
        }
    }

    /// <summary>Adds the product of two strips, the even columns of the second and then the odd ones.</summary>
    private static void AddProduct(ArrayView<float> sums, int at, int a0, int a1, int a2, int a3, int b0, int b1, int b2, int b3, int bfloat16)
    {
        if (bfloat16 != 0)
        {
            PtxMatrix.MultiplyBfloat16(ref sums[at], ref sums[at + 1], ref sums[at + 2], ref sums[at + 3], a0, a1, a2, a3, b0, b2);
            PtxMatrix.MultiplyBfloat16(ref sums[at + 4], ref sums[at + 5], ref sums[at + 6], ref sums[at + 7], a0, a1, a2, a3, b1, b3);
        }
        else
        {
            PtxMatrix.MultiplyTf32(ref sums[at], ref sums[at + 1], ref sums[at + 2], ref sums[at + 3], a0, a1, a2, a3, b0, b2);
            PtxMatrix.MultiplyTf32(ref sums[at + 4], ref sums[at + 5], ref sums[at + 6], ref sums[at + 7], a0, a1, a2, a3, b1, b3);
        }
    }
}
