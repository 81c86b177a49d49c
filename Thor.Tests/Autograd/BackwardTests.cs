using Thor.Autograd;
using Thor.Engine;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Autograd;

/// <summary>The walk back: order, accumulation, ownership, observers, pruning.</summary>
public sealed class BackwardTests
{
    [Fact]
    public void Backward_CalledTwice_Accumulates()
    {
        Parameter x = new(Tensor.From(1f, 2));

        x.Square().Sum().Backward();
        Tensor first = Gradient(x);
        x.Square().Sum().Backward();

        Assert.Same(first, x.Gradient);
        Assert.Equal([4f, 8], Gradient(x).ToArray<float>());
    }

    [Fact]
    public void ZeroGrad_AfterBackward_DropsTheGradient()
    {
        Parameter x = new(Tensor.From(1f, 2));
        x.Sum().Backward();
        Tensor gradient = Gradient(x);

        x.ZeroGrad();

        Assert.Null(x.Gradient);
        Assert.True(gradient.IsDisposed);
    }

    [Fact]
    public void Backward_WithSeed_ScalesAndLeavesTheSeedAlone()
    {
        Parameter x = new(Tensor.From(1f, 2));
        Tensor seed = Tensor.From(10f, 100);

        (x + x + x).Backward(seed);

        Assert.Equal([30f, 300], Gradient(x).ToArray<float>());
        Assert.Equal([10f, 100], seed.ToArray<float>());
    }

    [Fact]
    public void Backward_OfALeafItself_CopiesTheSeed()
    {
        Parameter x = new(Tensor.From(1f, 2));
        Tensor seed = Tensor.From(3f, 4);

        x.Backward(seed);
        seed.Fill(0);

        Assert.Equal([3f, 4], Gradient(x).ToArray<float>());
    }

    [Fact]
    public void Backward_GradientPassedToTwoLeaves_IsNotShared()
    {
        Parameter a = new(Tensor.From(1f, 2));
        Parameter b = new(Tensor.From(3f, 4));

        (a + b).Backward(Tensor.From(1f, 1));
        Gradient(a).Fill(7);

        Assert.Equal([1f, 1], Gradient(b).ToArray<float>());
        Assert.True(Gradient(a).OwnsMemory && Gradient(b).OwnsMemory);
    }

    [Fact]
    public void Backward_ThroughViewsAndPassThroughs_DoesNotWriteIntoSharedGradients()
    {
        // The gradient of y reaches x by three ways that share memory with it, while more is added to each.
        Parameter x = new(Tensor.From([1.0, 2, 3, 4], [2, 2]));
        Parameter z = new(Tensor.From([1.0, 1, 1, 1], [2, 2]));
        Variable y = x + x.Transpose().Transpose() + z;

        (y + y.Reshape(4).Reshape(2, 2) * 2 + (x * 3)).Sum().Backward();

        Assert.Equal([9.0, 9, 9, 9], Gradient(x).ToArray<double>());
        Assert.Equal([3.0, 3, 3, 3], Gradient(z).ToArray<double>());
    }

    [Fact]
    public void Backward_Diamond_RunsEachNodeOnceWithItsCompleteGradient()
    {
        Parameter x = new(Tensor.From(2.0));
        Variable shared = x * 3;
        List<double> seen = [];
        List<double> atLeaf = [];
        shared.OnGradient(g => seen.Add(g.Item()));
        x.OnGradient(g => atLeaf.Add(g.Item()));

        (shared.Square() + (shared * 5) + shared).Sum().Backward();

        Assert.Equal([18.0], seen);
        Assert.Equal([54.0], atLeaf);
        Assert.Equal(54.0, Gradient(x).Item());
    }

    [Fact]
    public void Observer_KeepingTheGradient_SeesItUnchangedAfterThePass()
    {
        using TensorScope scope = TensorScope.Begin();
        Parameter a = new(Tensor.From(1f, 2));
        Parameter b = new(Tensor.From(1f, 2));
        Variable y = a + b;
        Tensor? kept = null;
        y.OnGradient(g => kept = g);

        (y * 2).Sum().Backward();
        (a * 5).Sum().Backward();

        Assert.NotNull(kept);
        Assert.True(kept.IsContiguous);
        Assert.Equal([2f, 2], kept.ToArray<float>());
        Assert.Equal([7f, 7], Gradient(a).ToArray<float>());
    }

    [Fact]
    public void Observer_OfABroadcastGradient_GetsDenseNumbers()
    {
        Parameter x = new(Tensor.From([1f, 2, 3, 4], [2, 2]));
        Variable y = x.Relu();
        bool dense = false;
        y.OnGradient(g => dense = g.AsSpan<float>().SequenceEqual([1f, 1, 1, 1]));

        y.Sum().Backward();

        Assert.True(dense);
    }

    [Fact]
    public void Backward_OfALongChain_DoesNotRecurse()
    {
        using TensorScope scope = TensorScope.Begin();
        Parameter x = new(Tensor.From(1.0));
        Variable y = x;
        for (int i = 0; i < 100_000; i++)
        {
            y = y.Reshape(1);
        }

        (y * 3).Sum().Backward();

        Assert.Equal(3.0, Gradient(x).Item());
    }

    [Fact]
    public void Backward_OfARecombiningGraph_IsLinearInItsSize()
    {
        // 60 doublings: 2^60 paths, 60 nodes.
        Parameter x = new(Tensor.From(1.0));
        Variable y = x;
        for (int i = 0; i < 60; i++)
        {
            y += y;
        }

        y.Backward();

        Assert.Equal(Math.ScaleB(1, 60), Gradient(x).Item());
    }

    [Fact]
    public void Disabled_Region_RecordsNothingAndNests()
    {
        Parameter x = new(Tensor.From(1f));
        using (Gradients.Disabled())
        {
            using (Gradients.Disabled())
            {
                Assert.False(Gradients.Enabled);
            }

            Assert.False(x.Square().RequiresGradient);
        }

        Assert.True(Gradients.Enabled);
        Assert.True(x.Square().RequiresGradient);
    }

    [Fact]
    public void Detach_OfAResult_StopsTheGradient()
    {
        Parameter x = new(Tensor.From(3.0));

        (x * x.Square().Detach()).Sum().Backward();

        Assert.Equal(9.0, Gradient(x).Item());
    }

    [Fact]
    public void Backward_ToConstants_GivesThemNoGradient()
    {
        Parameter w = new(Tensor.From([1f, 2], [1, 2]));
        Variable data = Tensor.From([1f, 2, 3, 4], [2, 2]);

        data.MatMul(w.Transpose()).Sum().Backward();

        Assert.Null(data.Gradient);
        Assert.Equal([4f, 6], Gradient(w).ToArray<float>());
    }

    [Fact]
    public void Of_UnusedInput_IsZeroAndTouchesNoGradient()
    {
        Parameter used = new(Tensor.From(2.0));
        Parameter unused = new(Tensor.From([1.0, 2], [2]));

        Variable[] gradients = Gradients.Of(used.Square().Sum(), [used, unused]);

        Assert.Equal(4.0, gradients[0].Value.Item());
        Assert.Equal([0.0, 0], gradients[1].Value.ToArray<double>());
        Assert.Null(used.Gradient);
    }

    [Fact]
    public void Of_ConstantOutput_IsZero() =>
        Assert.Equal(0.0, Gradients.Of(Tensor.From(1.0), [new Parameter(Tensor.From(1.0))])[0].Value.Item());

    [Fact]
    public void Of_IntermediateInput_StopsThere()
    {
        Parameter x = new(Tensor.From(2.0));
        Variable middle = x * 3;
        bool leafReached = false;
        x.OnGradient(_ => leafReached = true);

        Variable[] gradients = Gradients.Of(middle.Square().Sum(), [middle, middle]);

        Assert.Equal(12.0, gradients[0].Value.Item());
        Assert.Equal(12.0, gradients[1].Value.Item());
        Assert.False(leafReached);
    }

    [Fact]
    public void Of_InputAndWhatItWasComputedFrom_GivesBoth()
    {
        Parameter x = new(Tensor.From(2.0));
        Variable middle = x * 3;

        Variable[] gradients = Gradients.Of((middle + x).Square().Sum(), [x, middle]);

        Assert.Equal([64.0, 16.0], [gradients[0].Value.Item(), gradients[1].Value.Item()]);
        Assert.All(gradients, static g => Assert.True(g.Value.OwnsMemory));
    }

    [Fact]
    public void Of_BranchesThatLeadElsewhere_AreNotWalked()
    {
        Parameter x = new(Tensor.From(2.0));
        Parameter other = new(Tensor.From(5.0));
        Variable branch = other.Exp();
        bool walked = false;
        branch.OnGradient(_ => walked = true);

        Variable[] gradients = Gradients.Of((x * branch).Sum(), [x]);

        Assert.False(walked);
        Assert.Equal(Math.Exp(5), gradients[0].Value.Item(), 12);
    }

    [Fact]
    public void Of_CreateGraphInADisabledRegion_StillRecords()
    {
        Parameter x = new(Tensor.From(2.0));
        Variable y = x.Pow(3).Sum();
        using (Gradients.Disabled())
        {
            Variable slope = Gradients.Of(y, [x], createGraph: true)[0];
            Assert.True(slope.RequiresGradient);
            Assert.False(Gradients.Enabled);
            Assert.Equal(12.0, Gradients.Of(slope, [x])[0].Value.Item());
        }
    }

    [Fact]
    public void Of_ThirdDerivative_OfAPolynomial_IsExact()
    {
        Parameter x = new(Tensor.From(2.0));
        Variable y = x.Square().Square().Sum();

        Variable first = Gradients.Of(y, [x], createGraph: true)[0];
        Variable second = Gradients.Of(first, [x], createGraph: true)[0];
        Variable third = Gradients.Of(second, [x])[0];

        Assert.Equal([32.0, 48.0, 48.0], [first.Value.Item(), second.Value.Item(), third.Value.Item()]);
    }

    [Fact]
    public void Maximum_OfEquals_SharesTheGradient()
    {
        Parameter a = new(Tensor.From(1.0, 2));
        Parameter b = new(Tensor.From(1.0, 1));

        Variable.Maximum(a, b).Sum().Backward();

        Assert.Equal([0.5, 1], Gradient(a).ToArray<double>());
        Assert.Equal([0.5, 0], Gradient(b).ToArray<double>());
    }

    [Fact]
    public void Max_OfEquals_SharesTheGradient()
    {
        Parameter a = new(Tensor.From([3.0, 1, 3, 3], [1, 4]));

        a.Max(1).Sum().Backward();

        double third = 1.0 / 3;
        Assert.Equal([third, 0, third, third], Gradient(a).ToArray<double>());
    }

    [Fact]
    public void Relu_AtZero_HasNoSlope()
    {
        Parameter a = new(Tensor.From(-1.0, 0, 1));

        a.Relu().Sum().Backward();

        Assert.Equal([0.0, 0, 1], Gradient(a).ToArray<double>());
    }

    [Fact]
    public void Embedding_OfRepeatedIds_AddsUp()
    {
        Parameter table = new(Tensor.Zeros([3, 2]));

        table.Embedding(Tensor.From(2, 0, 2)).Backward(Tensor.From([1f, 2, 3, 4, 5, 6], [3, 2]));

        Assert.Equal([3f, 4, 0, 0, 6, 8], Gradient(table).ToArray<float>());
    }

    [Fact]
    public void CrossEntropy_Gradient_IsProbabilityMinusTarget()
    {
        Parameter logits = new(Tensor.From([Math.Log(3), 0, 0, 0], [2, 2]));

        logits.CrossEntropy(Tensor.From(0, -100)).Sum().Backward();

        double[] g = Gradient(logits).ToArray<double>();
        Assert.Equal(-0.25, g[0], 15);
        Assert.Equal(0.25, g[1], 15);
        Assert.Equal([0, 0], g[2..]);
    }

    private static Tensor Gradient(Variable variable)
    {
        Assert.NotNull(variable.Gradient);
        return variable.Gradient;
    }
}
