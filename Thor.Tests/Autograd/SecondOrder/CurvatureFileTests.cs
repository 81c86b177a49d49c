using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Formats;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Factors and inverses on disk.</summary>
public sealed class CurvatureFileTests
{
    [Fact]
    public void CurvatureFile_LoadedIntoAnotherPreconditioner_GivesTheSameDirections()
    {
        using TensorScope scope = TensorScope.Begin();
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "curvature.safetensors");
        Conv2d layer = new(4, 6, 3, new Convolution2d(Groups: 2), random: new RandomStream(1));
        float[] expected;
        using (KroneckerPreconditioner curvature = new(layer, Options(16)))
        {
            Pass(layer);
            curvature.Refresh();
            curvature.Precondition(0.1);
            expected = curvature.Direction(layer.Weight)!.ToArray<float>();
            CurvatureFile.Save(path, curvature);
        }

        using KroneckerPreconditioner other = new(layer, Options(16));
        CurvatureFile.Load(path, other);
        other.Precondition(0.1);
        Assert.Equal(expected, other.Direction(layer.Weight)!.ToArray<float>());

        // The layout that the documentation promises: two tiles of A1, 16 x 16 and 2 x 2.
        using TensorArchive archive = Safetensors.Load(path);
        Assert.Equal("18/16", archive.Metadata["Conv2d.A1"]);
        Assert.Equal(new Shape((16 * 16) + (2 * 2)), archive["Conv2d.A1.inverse"].Shape);
        Assert.Equal([2, 16, 1], archive["Conv2d.layer"].ToArray<int>());
        KroneckerFactor factor = other[layer].Factors[2];
        Assert.Equal(factor.Tile(factor.Tiles, 1).ToArray<float>(), archive["Conv2d.A1"].Slice(0, 256, 4).ToArray<float>());
    }

    [Fact]
    public void CurvatureFile_OfAnotherModelOrNone_IsRefusedAndChangesNothing()
    {
        using TensorScope scope = TensorScope.Begin();
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "curvature.safetensors");
        Conv2d layer = new(4, 6, 3, random: new RandomStream(1));
        using (KroneckerPreconditioner curvature = new(layer, Options(16)))
        {
            CurvatureFile.Save(path, curvature);
        }

        using (KroneckerPreconditioner whole = new(layer, Options(64)))
        {
            Assert.Contains("36/16", Assert.Throws<InvalidDataException>(() => CurvatureFile.Load(path, whole)).Message, StringComparison.Ordinal);
            Assert.Equal(0, whole.Layers[0].Refreshes);
        }

        using KroneckerPreconditioner other = new(new Linear(3, 2, random: new RandomStream(1)), Options(16));
        Assert.Contains("Linear.A", Assert.Throws<InvalidDataException>(() => CurvatureFile.Load(path, other)).Message, StringComparison.Ordinal);
        Safetensors.Save(path, [KeyValuePair.Create("a", Tensor.From(1f))]);
        Assert.Contains("thor-curvature-1", Assert.Throws<InvalidDataException>(() => CurvatureFile.Load(path, other)).Message, StringComparison.Ordinal);
    }

    private static KroneckerOptions Options(int tileSize) => CurvatureBench.Plain(tileSize);

    private static void Pass(Conv2d layer) => CurvatureBench.Pass(
        layer, CurvatureBench.Normal(2, 2, 4, 6, 6).Cast(DType.Float32), CurvatureBench.Normal(3, 2, 6, 4, 4).Cast(DType.Float32));
}
