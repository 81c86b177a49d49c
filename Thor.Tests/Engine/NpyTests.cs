using System.Text;
using Thor.Engine;
using Thor.Engine.Formats;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class NpyTests
{
    [Theory]
    [InlineData("int8")]
    [InlineData("int16")]
    [InlineData("int32")]
    [InlineData("int64")]
    [InlineData("uint8")]
    [InlineData("uint16")]
    [InlineData("uint32")]
    [InlineData("uint64")]
    [InlineData("float32")]
    [InlineData("float64")]
    public void Npy_FixtureOfEachType_HoldsTheDocumentedValues(string type)
    {
        using Tensor rows = Npy.Load(TestData.Require($"fixtures/numpy/npyio-{type}_2x3_corder.npy"));
        using Tensor columns = Npy.Load(TestData.Require($"fixtures/numpy/npyio-{type}_2x3_forder.npy"));

        DType expected = type switch
        {
            "float32" => DType.Float32,
            "float64" => DType.Float64,
            _ => DType.Int32,
        };
        Assert.Equal(expected, rows.DType);
        Assert.Equal(new Shape(2, 3), rows.Shape);
        Assert.Equal(new Shape(2, 3), columns.Shape);
        Assert.True(columns.IsContiguous);
        Assert.Equal([0.0, 1, 2, 3, 4, 5], rows.Cast(DType.Float64).ToArray<double>());
        Assert.Equal([0.0, 2, 4, 1, 3, 5], columns.Cast(DType.Float64).ToArray<double>());
    }

    [Fact]
    public void Npy_OtherFixtures_HoldTheDocumentedValues()
    {
        using Tensor cube = Npy.Load(TestData.Require("fixtures/numpy/npyio-float64_2x3x4_corder.npy"));
        using Tensor scalar = Npy.Load(TestData.Require("fixtures/numpy/npyio-float32_scalar_corder.npy"));
        using Tensor special = Npy.Load(TestData.Require("fixtures/numpy/npyio-nans_inf.npy"));
        using Tensor ten = Npy.Load(TestData.Require("fixtures/numpy/candle-test.npy"));
        using Tensor labels = Npy.Load(TestData.Require("fixtures/numpy/cleanlab-cifar10_test_labels.npy"));

        Assert.Equal(new Shape(2, 3, 4), cube.Shape);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (double)i), cube.ToArray<double>());
        Assert.Equal(Shape.Scalar, scalar.Shape);
        Assert.Equal(42, scalar.Item());
        Assert.Equal([double.NaN, double.NegativeInfinity, 0, double.PositiveInfinity], special.ToArray<double>());
        Assert.Equal(Enumerable.Range(0, 10), ten.ToArray<int>());
        Assert.Equal([3, 8, 8, 0, 6, 6, 1, 6, 3, 1], labels.ToArray<int>()[..10]);
    }

    [Fact]
    public void Npz_Fixtures_HoldTheDocumentedArrays()
    {
        using TensorArchive pair = Npz.Load(TestData.Require("fixtures/numpy/candle-test.npz"));
        using TensorArchive rows = Npz.Load(TestData.Require("fixtures/numpy/npyio-float64_corder.npz"));
        using TensorArchive columns = Npz.Load(TestData.Require("fixtures/numpy/npyio-float64_forder.npz"));
        using TensorArchive deflated = Npz.Load(TestData.Require("fixtures/numpy/scipy-bug-1310.npz"));
        using TensorArchive stored = Npz.Load(TestData.Require("fixtures/numpy/scipy-carex_6_data.npz"));
        using TensorArchive mixed = Npz.Load(TestData.Require("fixtures/numpy/scipy-carex_20_data.npz"));

        Assert.Equal(Enumerable.Range(0, 10), pair["x"].ToArray<int>());
        Assert.Equal(Enumerable.Range(1, 10), pair["x_plus_one"].ToArray<int>());
        Assert.Equal([0.0, 1, 2, 3, 4, 5], rows["arr0"].ToArray<double>());
        Assert.Equal(new Shape(6, 1), rows["arr1"].Shape);
        Assert.Equal(rows["arr1"].ToArray<double>(), columns["arr1"].ToArray<double>());
        Assert.Equal(new Shape(2, 3), columns["arr0"].Shape);
        Assert.Equal(new Shape(231, 3), deflated["data"].Shape);
        Assert.Equal(["A", "B", "Q", "R"], stored.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([new Shape(30, 30), new Shape(30, 3), new Shape(30, 30), new Shape(3, 3)], new[] { "A", "B", "Q", "R" }.Select(name => stored[name].Shape));
        Assert.Equal([new Shape(421, 421), new Shape(421, 211), new Shape(421, 421), new Shape(211, 211)], new[] { "A", "B", "Q", "R" }.Select(name => mixed[name].Shape));
        Assert.Equal(DType.Int32, mixed["R"].DType);
    }

    [Fact]
    public void Npy_RoundTrip_KeepsShapesAndBitsInBothOrders()
    {
        using TemporaryFolder folder = new();
        foreach (bool fortran in new[] { false, true })
        {
            foreach (Tensor tensor in new[]
            {
                Tensor.From([1f, float.NaN, -0f, 4f, 5f, 6f], [3, 2]),
                Tensor.From([1.5, 2.5], [2]),
                Tensor.From([int.MinValue, int.MaxValue], [1, 2, 1]),
                Tensor.From([7f], []),
                Tensor.Empty([4, 0]),
            })
            {
                Npy.Save(folder.File("a.npy"), tensor, fortran);
                using Tensor back = Npy.Load(folder.File("a.npy"));
                Assert.Equal(tensor.Shape, back.Shape);
                Assert.Equal(tensor.DType, back.DType);
                Assert.Equal(tensor.Cast(DType.Float64).ToArray<double>(), back.Cast(DType.Float64).ToArray<double>());
                Assert.Equal(0, (File.ReadAllBytes(folder.File("a.npy")).Length - (tensor.Length * tensor.DType.Size())) % 64);
            }
        }
    }

    [Fact]
    public void Npy_SavedFloat32Matrix_IsByteForByteWhatNumpyWrites()
    {
        using MemoryStream stream = new();
        Npy.Save(stream, Tensor.From([0f, 1, 2, 3, 4, 5], [2, 3]));

        string header = Encoding.Latin1.GetString(stream.ToArray(), 10, 118);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(117) + "\n", header);
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0, 118, 0], stream.ToArray()[..10]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Npy_EveryVersion_IsRead(int version)
    {
        byte[] file = Bytes(version, "{\"shape\": (2,), \"fortran_order\": False, 'descr': '>i2'}\n", [1, 0, 0xff, 0xfe]);

        using Tensor tensor = Npy.Load(new MemoryStream(file));

        Assert.Equal([256, -2], tensor.ToArray<int>());
    }

    [Theory]
    [InlineData("<f2", new byte[] { 0x00, 0x3c, 0x00, 0xc0 }, new[] { 1.0, -2 })]
    [InlineData(">f4", new byte[] { 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0 }, new[] { 1.0, -2 })]
    [InlineData(">f8", new byte[] { 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0 }, new[] { 1.0, -2 })]
    [InlineData("|b1", new byte[] { 0, 1 }, new[] { 0.0, 1 })]
    public void Npy_OtherTypes_AreWidened(string type, byte[] data, double[] expected)
    {
        byte[] file = Bytes(1, $"{{'descr': '{type}', 'fortran_order': False, 'shape': (2,), }}", data);

        using Tensor tensor = Npy.Load(new MemoryStream(file));

        Assert.Equal(expected, tensor.Cast(DType.Float64).ToArray<double>());
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "'|O'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "quoted text")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "'<c8'")]
    [InlineData("{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }", "'|f4'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1), }", "tuple")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "extent")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "extent")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3000000000,), }", "extents from 0")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000, 2000000000, 2000000000, 0), }", "multiply")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", "True or False")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "found less")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "once each")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", "nothing after")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "truncated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}", "'x'")]
    [InlineData("", "'{'")]
    public void Npy_MalformedHeader_NamesFileAndProblem(string header, string problem)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Npy.Load(new MemoryStream(Bytes(1, header, new byte[4])), "weights.npy"));

        Assert.Contains("weights.npy", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Npy_EveryTruncationAndManyMutations_AreRefusedOrStillAWellFormedArray()
    {
        byte[] good = Bytes(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }\n", new byte[16]);
        for (int length = 0; length < good.Length; length++)
        {
            byte[] cut = good[..length];
            Assert.Throws<InvalidDataException>(() => Npy.Load(new MemoryStream(cut)));
            Assert.Throws<InvalidDataException>(() => Npy.Load(new UnseekableStream(cut)));
        }

        Random random = new(3);
        for (int i = 0; i < 4000; i++)
        {
            byte[] mutated = (byte[])good.Clone();
            mutated[random.Next(good.Length - 16)] = (byte)random.Next(256);
            try
            {
                using Tensor tensor = Npy.Load(new MemoryStream(mutated));
                Assert.True(tensor.Length <= 16);
            }
            catch (InvalidDataException)
            {
                // The other allowed outcome.
            }
        }
    }

    [Fact]
    public void Npy_FileWithTrailingBytes_IsRefused()
    {
        using TemporaryFolder folder = new();
        Npy.Save(folder.File("a.npy"), Tensor.From(1f, 2f));
        File.AppendAllText(folder.File("a.npy"), "x");

        Assert.Throws<InvalidDataException>(() => Npy.Load(folder.File("a.npy")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Npz_RoundTrip_KeepsNamesOrderAndValues(bool compress)
    {
        using TemporaryFolder folder = new();
        Tensor first = Tensor.From(Enumerable.Range(0, 1000).ToArray(), [10, 100]);
        Npz.Save(folder.File("a.npz"), [new("z", first), new("a/b", Tensor.From(0.5, 0.25))], compress);

        using TensorArchive archive = Npz.Load(folder.File("a.npz"));

        Assert.Equal(["z", "a/b"], archive.Tensors.Keys);
        Assert.Equal(first.ToArray<int>(), archive["z"].ToArray<int>());
        Assert.Equal([0.5, 0.25], archive["a/b"].ToArray<double>());
    }

    [Fact]
    public void Npz_DamagedAnywhere_IsRefusedOrReadsTheSame()
    {
        using MemoryStream stream = new();
        Npz.Save(stream, [new("values", Tensor.From(Enumerable.Range(0, 20).ToArray(), [20]))]);
        byte[] good = stream.ToArray();
        int refused = 0;
        for (int i = 0; i < 3 * good.Length; i++)
        {
            byte[] damaged = (byte[])good.Clone();
            damaged[i / 3] ^= new byte[] { 0x15, 0x01, 0xff }[i % 3];
            try
            {
                using TensorArchive archive = Npz.Load(new MemoryStream(damaged));
                Assert.All(archive.Tensors.Values, tensor => Assert.Equal(Enumerable.Range(0, 20), tensor.ToArray<int>()));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        // Every byte of the array itself, at the least.
        Assert.True(refused > 3 * 208, $"{refused} of {good.Length}");
        Assert.Throws<InvalidDataException>(() => Npz.Load(new MemoryStream(good[..^30])));
    }

    private static byte[] Bytes(int version, string header, byte[] data)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = new byte[version == 1 ? 2 : 4];
        length[0] = (byte)text.Length;
        Assert.True(text.Length < 256);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data];
    }
}
