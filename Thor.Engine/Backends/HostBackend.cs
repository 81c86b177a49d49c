using Thor.Engine.Memory;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <summary>The primitives on the processor: shapes and strides are taken apart here, the work is done in Thor.Kernels.Host.</summary>
internal sealed unsafe partial class HostBackend : Backend
{
    private HostBackend()
    {
    }

    public static HostBackend Instance { get; } = new();

    public override Device Device => Device.Host;

    public override MemoryStatistics Statistics => HostPool.Statistics;

    public override TensorMemory Allocate(long bytes) => new HostMemory(bytes);

    public override void Trim() => HostPool.Trim();

    public override void Upload(ReadOnlySpan<byte> source, TensorMemory destination, long byteOffset) =>
        source.CopyTo(new Span<byte>(((HostMemory)destination).Pointer + byteOffset, source.Length));

    public override void Download(TensorMemory source, long byteOffset, Span<byte> destination) =>
        new ReadOnlySpan<byte>(((HostMemory)source).Pointer + byteOffset, destination.Length).CopyTo(destination);

    public override void Synchronize()
    {
        // Host primitives return when their work is done.
    }

    public override SideWork Aside(Action submit) => new HostSideWork(Task.Run(() => WorkerPool.Alone(submit)));

    /// <summary>The first element of a tensor that lives on the host.</summary>
    internal static T* Pointer<T>(Tensor tensor)
        where T : unmanaged => (T*)((HostMemory)tensor.Memory).Pointer + tensor.Offset;
}
