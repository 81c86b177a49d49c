using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Rows by index, and optimizer updates.</content>
internal sealed unsafe partial class HostBackend
{
    public override void OneHot(Tensor ids, Tensor y)
    {
        int classes = y.Shape.Extents[^1];
        switch (y.DType)
        {
            case DType.Float32:
                Kernels.Host.Gather.OneHot(Pointer<int>(ids), Pointer<float>(y), ids.Length, classes);
                break;
            case DType.Float64:
                Kernels.Host.Gather.OneHot(Pointer<int>(ids), Pointer<double>(y), ids.Length, classes);
                break;
            default:
                Kernels.Host.Gather.OneHot(Pointer<int>(ids), Pointer<int>(y), ids.Length, classes);
                break;
        }
    }

    public override void Gather(Tensor table, Tensor ids, Tensor y)
    {
        RequireRows(ids, table);
        int count = (int)ids.Length;
        int width = table.Shape.Extents[1];
        if (table.DType == DType.Float64)
        {
            Kernels.Host.Gather.Rows(Pointer<double>(table), Pointer<int>(ids), Pointer<double>(y), count, width);
        }
        else
        {
            // Bits of four bytes, float or int.
            Kernels.Host.Gather.Rows(Pointer<float>(table), Pointer<int>(ids), Pointer<float>(y), count, width);
        }
    }

    public override void ScatterAdd(Tensor ids, Tensor x, Tensor table)
    {
        RequireRows(ids, table);
        int count = (int)ids.Length;
        int rows = table.Shape.Extents[0];
        int width = table.Shape.Extents[1];
        switch (table.DType)
        {
            case DType.Float32:
                Kernels.Host.Gather.AddRows(Pointer<float>(table), rows, Pointer<int>(ids), Pointer<float>(x), count, width);
                break;
            case DType.Float64:
                Kernels.Host.Gather.AddRows(Pointer<double>(table), rows, Pointer<int>(ids), Pointer<double>(x), count, width);
                break;
            default:
                Kernels.Host.Gather.AddRows(Pointer<int>(table), rows, Pointer<int>(ids), Pointer<int>(x), count, width);
                break;
        }
    }

    public override void Update(
        UpdateRule rule, in UpdateStep step, Tensor parameter, Tensor gradient, Tensor first, Tensor? second, Tensor? gradientScale = null)
    {
        if (gradientScale is not null && double.IsNaN(gradientScale.Item()))
        {
            return;
        }

        UpdateStep scaled = Scaled(step, gradientScale);
        if (parameter.DType == DType.Float32)
        {
            Updates.Apply(
                rule, scaled, Pointer<float>(parameter), Pointer<float>(gradient), Pointer<float>(first), second is null ? null : Pointer<float>(second), parameter.Length);
        }
        else
        {
            Updates.Apply(
                rule, scaled, Pointer<double>(parameter), Pointer<double>(gradient), Pointer<double>(first), second is null ? null : Pointer<double>(second), parameter.Length);
        }
    }

    /// <summary>A step that multiplies the gradient by one more factor.</summary>
    private static UpdateStep Scaled(in UpdateStep step, Tensor? factor) =>
        factor is null ? step : step with { GradientScale = step.GradientScale * factor.Item() };

    private static void RequireRows(Tensor ids, Tensor table)
    {
        int rows = table.Shape.Extents[0];
        int* id = Pointer<int>(ids);
        for (long i = 0; i < ids.Length; i++)
        {
            if ((uint)id[i] >= (uint)rows)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id[i], $"Id number {i} is outside the table, which has {rows} rows.");
            }
        }
    }
}
