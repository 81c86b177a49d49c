namespace Thor.Kernels.Host;

/// <summary>Work that is split into numbered pieces. A struct, so that a launch on the <see cref="WorkerPool"/> allocates nothing.</summary>
public interface IParallelBody
{
    /// <summary>Does one piece. Pieces run in any order and on any thread, so they must write to different places.</summary>
    void Invoke(int index);
}
