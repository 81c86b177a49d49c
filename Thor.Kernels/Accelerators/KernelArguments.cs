namespace Thor.Kernels.Accelerators;

/// <summary>Takes the arguments of a launch, in the order of the kernel's parameters. One object per stream, used again for every launch.</summary>
public abstract class KernelArguments
{
    /// <summary>A view. Kernels that read its length get it as an argument of its own.</summary>
    public abstract void Add<T>(ArrayView<T> view)
        where T : unmanaged;

    /// <summary>A view that is only read.</summary>
    public void Add<T>(ReadOnlyView<T> view)
        where T : unmanaged => Add(view.View);

    /// <summary>A number or a structure of numbers. bool arrives as int.</summary>
    public abstract void Add<T>(T value)
        where T : unmanaged;

    /// <summary>A specialised value.</summary>
    public abstract void Add(SpecializedValue<int> value);
}
