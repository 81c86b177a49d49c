using System.Buffers.Binary;
using System.Text;
using Thor.Engine;
using Thor.Engine.Formats;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class SafetensorsTests
{
    [Fact]
    public void Safetensors_RoundTrip_KeepsBitsOrderAndMetadata()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.safetensors");
        Tensor weights = Tensor.From([1f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, 6f], [2, 3]);
        Tensor odd = Tensor.From(1f, 2f, 3f);
        Tensor wide = Tensor.From([Math.PI, double.MinValue], [2, 1]);
        Tensor ids = Tensor.From([int.MinValue, 0, int.MaxValue], [3]);
        Tensor scalar = Tensor.From([7f], []);
        Tensor empty = Tensor.Empty([0, 5]);
        Safetensors.Save(
            path,
            [new("z.weight", weights), new("odd", odd), new("a \"quoted\" ü", wide), new("ids", ids), new("scalar", scalar), new("empty", empty)],
            [new("state", "{\"step\": 3, \"rate\": [0.1]}"), new("note", "line\nline ü")]);

        using TensorArchive archive = Safetensors.Load(path);

        Assert.Equal(["z.weight", "odd", "a \"quoted\" ü", "ids", "scalar", "empty"], archive.Tensors.Keys);
        Assert.Equal(["state", "note"], archive.Metadata.Keys);
        Assert.Equal("{\"step\": 3, \"rate\": [0.1]}", archive.Metadata["state"]);
        Assert.Equal("line\nline ü", archive.Metadata["note"]);
        Assert.Equal(weights.ToArray<float>().Select(BitConverter.SingleToInt32Bits), archive["z.weight"].ToArray<float>().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(new Shape(2, 3), archive["z.weight"].Shape);
        Assert.Equal([1f, 2f, 3f], archive["odd"].ToArray<float>());
        Assert.Equal([Math.PI, double.MinValue], archive["a \"quoted\" ü"].ToArray<double>());
        Assert.Equal([int.MinValue, 0, int.MaxValue], archive["ids"].ToArray<int>());
        Assert.Equal(7, archive["scalar"].Item());
        Assert.Equal(Shape.Scalar, archive["scalar"].Shape);
        Assert.Equal(new Shape(0, 5), archive["empty"].Shape);
        Assert.Contains("scalar", Assert.Throws<KeyNotFoundException>(() => archive["missing"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_Saved_HasAlignedDataAndNoLeftovers()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("aligned.safetensors");
        Safetensors.Save(path, [new("odd", Tensor.From(1f)), new("wide", Tensor.From(2.0))]);

        byte[] bytes = File.ReadAllBytes(path);
        long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        string json = Encoding.UTF8.GetString(bytes, 8, (int)header);

        Assert.Equal(0, header % 8);
        Assert.Equal("""{"odd":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"wide":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", json.TrimEnd(' '));
        Assert.Equal(2.0, BitConverter.ToDouble(bytes, 8 + (int)header));
        Assert.Equal(["aligned.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Safetensors_OverallSample_WidensEveryTypeAndRefusesWhatDoesNotFit()
    {
        string path = TestData.Require("fixtures/safetensors/sample-overall.safetensors");
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Safetensors.Load(path));
        Assert.Contains("tensor 'I': the UInt32 value 4294967293 does not fit", refused.Message, StringComparison.Ordinal);

        using TensorArchive archive = Safetensors.Load(path, select: name => name != "I");

        Assert.Equal("a", archive.Metadata["test"]);
        Assert.Equal(8, archive.Tensors.Count);
        foreach (string name in new[] { "b", "h", "i" })
        {
            Assert.Equal([-3, -2, -1, 0, 1, 2], archive[name].ToArray<int>());
        }

        foreach (string name in new[] { "e", "f" })
        {
            Assert.Equal([-3f, -2f, -1f, 0f, 1f, 2f], archive[name].ToArray<float>());
        }

        Assert.Equal([-3.0, -2, -1, 0, 1, 2], archive["d"].ToArray<double>());
        Assert.Equal([253, 254, 255, 0, 1, 2], archive["B"].ToArray<int>());
        Assert.Equal([65533, 65534, 65535, 0, 1, 2], archive["H"].ToArray<int>());
    }
}
