using System.Buffers.Binary;
using System.Text;
using Thor.Engine;
using Thor.Engine.Formats;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class SafetensorsMalformedTests
{
    private const string Good = """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[1,2],"data_offsets":[8,16]}}""";

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[2],"data_offsets":[4,12]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[1],"data_offsets":[12,16]}}""", "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}""", "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"I32","shape":[2],"data_offsets":[8,16]}}""", "'a' twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "'dtype' twice")]
    [InlineData("""{"__metadata__":{"k":"v","k":"w"},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "'k' twice")]
    [InlineData("""{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "expected String")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}""", "expected 12 bytes")]
    [InlineData("""{"a":{"dtype":"F64","shape":[4],"data_offsets":[0,16]}}""", "expected 32 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}""", "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "expected 8 bytes of elements, found 16")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}""", "begin <= end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16,16]}}""", "[begin, end]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,9223372036854775808]}}""", "integers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", "integers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4.5],"data_offsets":[0,16]}}""", "integers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967300],"data_offsets":[0,16]}}""", "extents from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,0],"data_offsets":[0,0]}}""", "multiply")]
    [InlineData("""{"a":{"dtype":"C64","shape":[2],"data_offsets":[0,16]}}""", "'C64'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"more":1}}""", "'more'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4]}}""", "found dtype and shape")]
    [InlineData("""{"a":[]}""", "expected StartObject")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "surrogate")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} {}""", "not JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}""", "not JSON")]
    [InlineData(""" {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "start with '{'")]
    [InlineData("", "found nothing")]
    public void Safetensors_MalformedHeader_NamesFileAndProblem(string header, string problem)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Load(File(header)));

        Assert.Contains("run.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_EveryTruncation_IsRefused()
    {
        byte[] good = File(Good);
        Load(good).Dispose();
        for (int length = 0; length < good.Length; length++)
        {
            byte[] cut = good[..length];
            Assert.Throws<InvalidDataException>(() => Load(cut));
        }

        Assert.Throws<InvalidDataException>(() => Load([.. good, 0]));
    }

    [Fact]
    public void Safetensors_RandomMutations_AreRefusedOrHarmless()
    {
        byte[] good = File(Good);
        Random random = new(11);
        int refused = 0;
        for (int i = 0; i < 6_000; i++)
        {
            byte[] mutated = (byte[])good.Clone();
            for (int j = random.Next(1, 4); j > 0; j--)
            {
                int at = random.Next(good.Length - 16);
                mutated[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"{}[]\",:0123456789 \\"[random.Next(19)];
            }

            try
            {
                using TensorArchive archive = Load(mutated);
                Assert.Equal(16, archive.Tensors.Values.Sum(tensor => tensor.DType == DType.Float64 ? tensor.Length * 8 : tensor.Length * 4));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.True(refused > 3_000, $"{refused}");
    }

    [Theory]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void Safetensors_HugeHeaderLength_IsRefusedBeforeItIsAllocated(ulong length)
    {
        byte[] file = File(Good);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);

        Assert.Contains("100000000", Assert.Throws<InvalidDataException>(() => Load(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BF16", new byte[] { 0x80, 0x3f, 0x00, 0xc0, 0x80, 0x7f, 0x01, 0x00 }, new[] { 1f, -2f, float.PositiveInfinity, 9.1835e-41f })]
    [InlineData("F16", new byte[] { 0x00, 0x3c, 0x00, 0xc0, 0x00, 0xfc, 0x01, 0x00 }, new[] { 1f, -2f, float.NegativeInfinity, 5.9604645e-8f })]
    public void Safetensors_HalfTypes_AreWidenedExactly(string type, byte[] data, float[] expected)
    {
        byte[] file = File(Header(type, 4, 8), data);

        using TensorArchive archive = Load(file);

        Assert.Equal(expected, archive["a"].ToArray<float>());
    }

    [Theory]
    [InlineData("BOOL", new byte[] { 0, 1, 1, 0 }, new[] { 0, 1, 1, 0 })]
    [InlineData("I64", new byte[] { 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff }, new[] { int.MaxValue, int.MinValue })]
    [InlineData("U64", new byte[] { 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0 }, new[] { int.MaxValue })]
    public void Safetensors_IntegersThatFit_BecomeInt32(string type, byte[] data, int[] expected)
    {
        using TensorArchive archive = Load(File(Header(type, expected.Length, data.Length), data));

        Assert.Equal(expected, archive["a"].ToArray<int>());
    }

    [Theory]
    [InlineData("BOOL", new byte[] { 2 })]
    [InlineData("I64", new byte[] { 0, 0, 0, 0x80, 0, 0, 0, 0 })]
    [InlineData("I64", new byte[] { 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff })]
    [InlineData("U64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80 })]
    [InlineData("U32", new byte[] { 0, 0, 0, 0x80 })]
    public void Safetensors_IntegerThatDoesNotFit_IsRefused(string type, byte[] data)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Load(File(Header(type, 1, data.Length), data)));

        Assert.Contains("does not fit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_UnseekableStream_ReadsTheSame()
    {
        using TensorArchive archive = Safetensors.Load(new UnseekableStream(File(Good)));

        Assert.Equal("v", archive.Metadata["k"]);
        Assert.Equal(new Shape(1, 2), archive["b"].Shape);
    }

    [Fact]
    public void Safetensors_NamesThatClash_AreRefusedBeforeAnythingIsWritten()
    {
        using TemporaryFolder folder = new();
        Tensor tensor = Tensor.From(1f);
        string path = folder.File("x.safetensors");

        Assert.Throws<ArgumentException>(() => Safetensors.Save(path, [new("a", tensor), new("a", tensor)]));
        Assert.Throws<ArgumentException>(() => Safetensors.Save(path, [new("__metadata__", tensor)]));
        Assert.Throws<ArgumentException>(() => Safetensors.Save(path, [new("a", tensor)], [new("k", "1"), new("k", "2")]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static TensorArchive Load(byte[] file) => Safetensors.Load(new MemoryStream(file), "run.safetensors");

    private static string Header(string type, int count, int bytes) =>
        $$$"""{"a":{"dtype":"{{{type}}}","shape":[{{{count}}}],"data_offsets":[0,{{{bytes}}}]}}""";

    private static byte[] File(string header, byte[]? data = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data ?? new byte[16]];
    }
}
