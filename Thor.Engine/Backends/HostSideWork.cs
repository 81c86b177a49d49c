namespace Thor.Engine.Backends;

/// <summary>Work of the host on a thread of its own.</summary>
internal sealed class HostSideWork(Task task) : SideWork
{
    /// <inheritdoc/>
    public override T[] Read<T>(Tensor tensor)
    {
        Join();
        return tensor.ToArray<T>();
    }

    /// <inheritdoc/>
    private protected override void JoinOnce() => task.GetAwaiter().GetResult();
}
