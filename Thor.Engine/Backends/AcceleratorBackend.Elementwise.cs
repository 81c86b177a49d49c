using Thor.Kernels;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Element-wise functions and copies.</content>
internal sealed partial class AcceleratorBackend
{
    public override void Fill(Tensor y, double value) => CopyLaunch.Fill(Stream, Word(y.DType, value), y.Shape.Extents, Operand(y));

    public override void Copy(Tensor x, Tensor y)
    {
        RequireKind(x);
        RequireKind(y);
        ReadOnlySpan<int> extents = y.Shape.Extents;
        if (x.DType == y.DType)
        {
            CopyLaunch.Copy(Stream, extents, Operand(x), Operand(y));
        }
        else if (y.DType == DType.Int32)
        {
            CopyLaunch.ToInteger(Stream, extents, Operand(x), Operand(y));
        }
        else
        {
            CopyLaunch.ToFloat(Stream, extents, Operand(x), Operand(y));
        }
    }

    public override void Map(UnaryOperation operation, Tensor x, Tensor y) =>
        ElementwiseLaunch.Unary(Stream, operation, y.DType == DType.Int32, y.Shape.Extents, Operand(x), Operand(y));

    public override void Map(BinaryOperation operation, Tensor a, Tensor b, Tensor y) =>
        ElementwiseLaunch.Binary(Stream, operation, y.DType == DType.Int32, y.Shape.Extents, Operand(a), 0, Operand(b), 0, Operand(y));

    public override void Map(BinaryOperation operation, Tensor a, double b, Tensor y) => ElementwiseLaunch.Binary(
        Stream, operation, y.DType == DType.Int32, y.Shape.Extents, Operand(a), 0, default, Word(y.DType, b), Operand(y));

    public override void Map(BinaryOperation operation, double a, Tensor b, Tensor y) => ElementwiseLaunch.Binary(
        Stream, operation, y.DType == DType.Int32, y.Shape.Extents, default, Word(y.DType, a), Operand(b), 0, Operand(y));

    public override void Select(Tensor condition, Tensor a, Tensor b, Tensor y) => ElementwiseLaunch.Select(
        Stream, y.DType == DType.Int32, y.Shape.Extents, Operand(condition), Operand(a), Operand(b), Operand(y));

    public override void AddScaled(double alpha, Tensor x, Tensor y) => ElementwiseLaunch.AddScaled(
        Stream, Word(y.DType, alpha), y.DType == DType.Int32, y.Shape.Extents, Operand(x), Operand(y));

    /// <summary>A tensor's words and strides, for launches over any layout.</summary>
    private static StridedOperand Operand(Tensor tensor)
    {
        RequireKind(tensor);
        return new StridedOperand(Reach<int>(tensor), tensor.Strides);
    }

    /// <summary>The bits of a number as an element: an int saturates, as on the host.</summary>
    private static int Word(DType type, double value) =>
        type == DType.Int32 ? int.CreateSaturating(value) : BitConverter.SingleToInt32Bits((float)value);

    /// <summary>Accelerators compute in 32 bits.</summary>
    /// <exception cref="DeviceException">The tensor holds doubles.</exception>
    private static void RequireKind(Tensor tensor)
    {
        if (tensor.DType == DType.Float64)
        {
            throw new DeviceException($"Tensors of Float64 stay on the host; {tensor.Device} computes with Float32 and Int32. Convert the tensor {tensor.Shape} before it is moved.");
        }
    }
}
