using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Matrix products.</content>
internal sealed partial class AcceleratorBackend
{
    public override void MatMul(Tensor a, Tensor b, Tensor c, double alpha = 1, double beta = 0, Tensor? bias = null)
    {
        if (c.Length == 0)
        {
            return;
        }

        // Batch axes that step evenly in all three are joined; the kernels walk two of what is left, those before them are walked here.
        int axes = c.Rank - 2;
        (int inner, long aInner, long bInner, long cInner) = Join(a, b, c, ref axes);
        (int outer, long aOuter, long bOuter, long cOuter) = Join(a, b, c, ref axes);
        GemmSizes sizes = new()
        {
            Rows = c.Shape[-2],
            Columns = c.Shape[-1],
            Depth = a.Shape[-1],
            Inner = inner,
            Outer = outer,
            Alpha = (float)alpha,
            Beta = (float)beta,
            ARow = a.Strides[^2],
            AStep = a.Strides[^1],
            AInner = aInner,
            AOuter = aOuter,
            BStep = b.Strides[^2],
            BColumn = b.Strides[^1],
            BInner = bInner,
            BOuter = bOuter,
            CRow = c.Shape[-1],
            CInner = cInner,
            COuter = cOuter,
        };
        ArrayView<float> left = Reach<float>(a);
        ArrayView<float> right = Reach<float>(b);
        ArrayView<float> result = View<float>(c);
        ArrayView<float> added = bias is null ? default : View<float>(bias);
        long products = c.Length / ((long)inner * outer * sizes.Rows * sizes.Columns);
        for (long i = 0; i < products; i++)
        {
            GemmLaunch.Multiply(
                Stream,
                sizes.Depth == 0 ? left : left.SubView(BatchAxes.Distance(a, axes, i)),
                sizes.Depth == 0 ? right : right.SubView(BatchAxes.Distance(b, axes, i)),
                result.SubView(BatchAxes.Distance(c, axes, i)),
                added,
                sizes,
                MatMulPrecision);
        }
    }

    /// <summary>Takes the innermost of the remaining axes and those before it that go on where it ends.</summary>
    private static (int Count, long A, long B, long C) Join(Tensor a, Tensor b, Tensor c, ref int axes)
    {
        int count = 1;
        long aStride = 0;
        long bStride = 0;
        long cStride = 0;
        while (axes > 0
            && BatchAxes.Continues(a, axes - 1, count, ref aStride)
            && BatchAxes.Continues(b, axes - 1, count, ref bStride)
            && BatchAxes.Continues(c, axes - 1, count, ref cStride))
        {
            axes--;
            count *= c.Shape.Extents[axes];
        }

        return (count, aStride, bStride, cStride);
    }
}
