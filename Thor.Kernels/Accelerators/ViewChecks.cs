using System.Diagnostics;

namespace Thor.Kernels.Accelerators;

/// <summary>Looks at the views among a kernel's arguments, for devices where the kernel itself carries them.</summary>
internal sealed class ViewChecks(Accelerator accelerator) : KernelArguments
{
    private KernelSource? _kernel;
    private int _index;

    /// <summary>Every view lies in living memory of the device.</summary>
    public void Check<TKernel>(KernelSource source, in TKernel kernel)
        where TKernel : struct, IKernel
    {
        _kernel = source;
        _index = 0;
        kernel.Bind(this);
    }

    /// <inheritdoc/>
    public override void Add<T>(ArrayView<T> view)
    {
        Debug.Assert(_kernel is not null, "Check names the kernel.");
        LaunchChecks.RequireView(accelerator, _kernel.Name, _index++, view.Buffer);
    }

    /// <inheritdoc/>
    public override void Add<T>(T value) => _index++;

    /// <inheritdoc/>
    public override void Add(SpecializedValue<int> value) => _index++;
}
