using Thor.Engine.Memory;

namespace Thor.Engine;

/// <content>Printing.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// The elements as a person reads them: rows in brackets, columns aligned, long axes shortened to their ends, then a line with
    /// element type, shape and device.
    /// </summary>
    /// <param name="precision">Digits after the point, at most; those that are zero in every element are left out.</param>
    /// <param name="threshold">Above so many elements, axes show only their first and last <paramref name="edge"/>.</param>
    /// <param name="edge">Elements at each end of a shortened axis.</param>
    /// <param name="lineWidth">Longer rows continue on the next line.</param>
    /// <exception cref="ArgumentOutOfRangeException">A precision outside [0, 17], a negative threshold, an edge or a line width below 1.</exception>
    public string ToText(int precision = 4, int threshold = 1000, int edge = 3, int lineWidth = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(precision);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, 17);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(edge);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lineWidth);
        using TensorScope scope = TensorScope.Begin();
        return new TensorText(this, precision, Length > threshold ? edge : int.MaxValue, lineWidth).ToString();
    }

    /// <summary>Writes <see cref="ToText"/> to the console or to another writer.</summary>
    /// <param name="precision">Digits after the point, at most.</param>
    /// <param name="writer">Where to write; null is the console.</param>
    public void Print(int precision = 4, TextWriter? writer = null) => (writer ?? Console.Out).WriteLine(ToText(precision));
}
