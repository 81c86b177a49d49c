using Thor.Kernels;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Rows by index, and optimizer updates.</content>
internal sealed partial class AcceleratorBackend
{
    public override void OneHot(Tensor ids, Tensor y)
    {
        RequireKind(y);
        GatherLaunch.OneHot(Stream, View<int>(ids), View<int>(y), Word(y.DType, 1), y.Shape.Extents[^1]);
    }

    public override void Gather(Tensor table, Tensor ids, Tensor y)
    {
        RequireKind(table);
        GatherLaunch.Rows(Stream, View<int>(table), View<int>(ids), View<int>(y), Faults, table.Shape.Extents[0], table.Shape.Extents[1]);
    }

    public override void ScatterAdd(Tensor ids, Tensor x, Tensor table)
    {
        RequireKind(table);
        GatherLaunch.AddRows(
            Stream, View<int>(ids), View<int>(x), View<int>(table), Faults, table.Shape.Extents[0], table.Shape.Extents[1], table.DType == DType.Int32);
    }

    public override void Update(
        UpdateRule rule, in UpdateStep step, Tensor parameter, Tensor gradient, Tensor first, Tensor? second, Tensor? gradientScale = null)
    {
        RequireKind(parameter);
        UpdateLaunch.Update(
            Stream,
            rule,
            step,
            View<float>(parameter),
            View<float>(gradient),
            View<float>(first),
            second is null ? default : View<float>(second),
            gradientScale is null ? default : View<float>(gradientScale));
    }
}
