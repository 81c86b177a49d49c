using System.Runtime.InteropServices;
using Thor.Engine.Memory;
using Thor.Kernels.Accelerators;

namespace Thor.Engine.Backends;

/// <summary>Work of an accelerator on its second queue.</summary>
internal sealed class AcceleratorSideWork : SideWork
{
    private readonly AcceleratorStream _main;
    private readonly AcceleratorStream _aside;
    private readonly AcceleratorEvent _done;

    /// <summary>Marks the end of the work that was submitted to the second queue.</summary>
    /// <param name="main">The queue that will use the results.</param>
    /// <param name="aside">The queue that does the work.</param>
    public AcceleratorSideWork(AcceleratorStream main, AcceleratorStream aside)
    {
        _main = main;
        _aside = aside;
        _done = aside.Record();
    }

    /// <inheritdoc/>
    public override T[] Read<T>(Tensor tensor)
    {
        tensor.RequireType<T>();
        T[] data = new T[tensor.Length];
        _aside.Download(((AcceleratorMemory)tensor.Memory).Buffer, tensor.Offset * tensor.DType.Size(), MemoryMarshal.AsBytes(data.AsSpan()));
        return data;
    }

    /// <inheritdoc/>
    private protected override void JoinOnce()
    {
        _main.WaitFor(_done);
        _done.Dispose();
    }
}
