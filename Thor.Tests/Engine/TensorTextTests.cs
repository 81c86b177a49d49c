using Thor.Engine;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TensorTextTests
{
    [Fact]
    public void ToText_Matrix_AlignsColumnsAndDropsCommonZeros() => Assert.Equal(
        """
        [[ 1.00 -2.50  3.00]
         [ 4.25   nan   inf]]
        Float32[2, 3] on host
        """,
        Tensor.From([1f, -2.5f, 3f, 4.25f, float.NaN, float.PositiveInfinity], [2, 3]).ToText());

    [Fact]
    public void ToText_WideRange_UsesExponents() => Assert.Equal(
        """
        [[1.0e-06 1.5e+00]
         [1.0e+02    -inf]]
        Float64[2, 2] on host
        """,
        Tensor.From([1e-6, 1.5, 100, double.NegativeInfinity], [2, 2]).ToText());

    [Theory]
    [InlineData(0, "[3]")]
    [InlineData(2, "[3.14]")]
    [InlineData(5, "[3.14159]")]
    public void ToText_Precision_LimitsDigits(int precision, string expected) =>
        Assert.Equal(expected, Tensor.From(Math.PI).ToText(precision).Split('\n')[0]);

    [Fact]
    public void ToText_HigherRank_SeparatesMatricesByBlankLines() => Assert.Equal(
        """
        [[[0 1]
          [2 3]]

         [[4 5]
          [6 7]]]
        Int32[2, 2, 2] on host
        """,
        Tensor.From(Enumerable.Range(0, 8).ToArray(), [2, 2, 2]).ToText());

    [Fact]
    public void ToText_TransposedView_ShowsTheView() => Assert.Equal(
        """
        [[0 3]
         [1 4]
         [2 5]]
        Int32[3, 2] on host
        """,
        Tensor.From(Enumerable.Range(0, 6).ToArray(), [2, 3]).Transpose().ToText());

    [Fact]
    public void ToText_ManyElements_ShowsTheEdges()
    {
        Tensor tensor = Tensor.From(Enumerable.Range(0, 1001).ToArray(), [1, 7, 143]);

        Assert.Equal(
            """
            [[[   0    1    2 ...  140  141  142]
              [ 143  144  145 ...  283  284  285]
              [ 286  287  288 ...  426  427  428]
              ...
              [ 572  573  574 ...  712  713  714]
              [ 715  716  717 ...  855  856  857]
              [ 858  859  860 ...  998  999 1000]]]
            Int32[1, 7, 143] on host
            """,
            tensor.ToText());
        Assert.DoesNotContain("...", tensor.ToText(threshold: 1001), StringComparison.Ordinal);
        Assert.StartsWith("[[[   0 ...  142]\n  ...\n  [ 858 ... 1000]]]", tensor.ToText(edge: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void ToText_LongRow_ContinuesInsideItsBracket() => Assert.Equal(
        """
        [10 11 12
         13 14 15
         16]
        Int32[7] on host
        """,
        Tensor.From(10, 11, 12, 13, 14, 15, 16).ToText(lineWidth: 9));

    [Fact]
    public void ToText_ScalarAndEmpty_AreTold()
    {
        Assert.Equal("3.5\nFloat32[] on host", Tensor.From([3.5f], []).ToText());
        Assert.Equal("[]\nFloat64[2, 0] on host", Tensor.Empty([2, 0], DType.Float64).ToText());
        Assert.Equal("[0 0]\nFloat32[2] on host", Tensor.From(0f, 0f).ToText());
    }

    [Fact]
    public void ToText_ArgumentsOutOfRange_AreRefused()
    {
        Tensor tensor = Tensor.From(1f);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ToText(precision: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ToText(precision: 18));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ToText(edge: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ToText(lineWidth: 0));
    }

    [Fact]
    public void Print_Writer_ReceivesTheText()
    {
        using StringWriter writer = new() { NewLine = "\n" };
        Tensor.From(1, 2).Print(writer: writer);

        Assert.Equal("[1 2]\nInt32[2] on host\n", writer.ToString());
    }
}
