using System.Globalization;
using Thor.Kernels.Host;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>
/// A launch on the processor. A piece is a run of consecutive groups; a group is run by one OS thread, its threads one after the
/// other: from start to end where there is no barrier, else from barrier to barrier in rounds.
/// </summary>
internal readonly struct CpuLaunch<TKernel> : IParallelBody
    where TKernel : struct, IKernel
{
    private readonly CpuAccelerator _accelerator;
    private readonly KernelConfig _config;
    private readonly TKernel _kernel;
    private readonly LaunchFault _fault;
    private readonly long _groups;
    private readonly int _pieces;

    public CpuLaunch(CpuAccelerator accelerator, in KernelConfig config, in TKernel kernel, LaunchFault fault, long groups, int pieces)
    {
        _accelerator = accelerator;
        _config = config;
        _kernel = kernel;
        _fault = fault;
        _groups = groups;
        _pieces = pieces;
    }

    /// <inheritdoc/>
    public void Invoke(int index)
    {
        KernelSource source = TKernel.Source;
        TKernel kernel = _kernel;
        CpuKernelContext context = _accelerator.RentContext();
        context.BeginLaunch(source, _config);
        long group = FirstGroup(index);
        long end = FirstGroup(index + 1);
        try
        {
            for (; group < end && group < _fault.Group; group++)
            {
                context.BeginGroup(new Index3D(
                    (int)(group % _config.Grid.X), (int)(group / _config.Grid.X % _config.Grid.Y), (int)(group / _config.Grid.X / _config.Grid.Y)));
                if (source.HasBarriers)
                {
                    RunInRounds(context, ref kernel);
                }
                else
                {
                    RunThrough(context, ref kernel);
                }
            }
        }
        catch (KernelFaultException fault)
        {
            _fault.Record(group, fault);
        }
        catch (Exception exception)
        {
            // Whatever a kernel throws reaches the caller of the launch, with the place where it happened.
            _fault.Record(group, new KernelFaultException($"{exception.GetType().Name}{KernelContext.Where()}: {exception.Message}", exception));
        }
        finally
        {
            KernelContext.Leave();
            _accelerator.ReturnContext(context);
        }
    }

    private long FirstGroup(int piece) => (_groups / _pieces * piece) + Math.Min(piece, _groups % _pieces);

    private void RunThrough(CpuKernelContext context, ref TKernel kernel)
    {
        int linear = 0;
        for (int z = 0; z < _config.Group.Z; z++)
        {
            for (int y = 0; y < _config.Group.Y; y++)
            {
                for (int x = 0; x < _config.Group.X; x++)
                {
                    context.SelectThread(new Index3D(x, y, z), linear++);
                    kernel.Run();
                }
            }
        }
    }

    private void RunInRounds(CpuKernelContext context, ref TKernel kernel)
    {
        Span<IEnumerator<int>?> threads = context.BeginRounds();
        try
        {
            for (int i = 0; i < threads.Length; i++)
            {
                context.SelectThread(ThreadAt(i), i);
                threads[i] = kernel.Steps();
            }

            while (Advance(context, threads))
            {
            }
        }
        finally
        {
            foreach (IEnumerator<int>? thread in threads)
            {
                thread?.Dispose();
            }

            threads.Clear();
        }
    }

    /// <summary>Runs every thread to its next barrier; false when all have ended.</summary>
    private bool Advance(CpuKernelContext context, Span<IEnumerator<int>?> threads)
    {
        int firstLine = 0;
        Index3D size = _config.Group;
        Index3D thread = default;
        for (int i = 0; i < threads.Length; i++)
        {
            context.SelectThread(thread, i);
            IEnumerator<int> steps = threads[i]!; // every element was set before the first round
            int line = steps.MoveNext() ? steps.Current : 0;
            if (i == 0)
            {
                firstLine = line;
            }
            else if (line != firstLine)
            {
                ThrowDivergent(context, firstLine, line);
            }

            thread = thread.X + 1 < size.X ? thread with { X = thread.X + 1 }
                : thread.Y + 1 < size.Y ? new Index3D(0, thread.Y + 1, thread.Z)
                : new Index3D(0, 0, thread.Z + 1);
        }

        return firstLine != 0;
    }

    private Index3D ThreadAt(int linear) => new(
        linear % _config.Group.X, linear / _config.Group.X % _config.Group.Y, linear / _config.Group.X / _config.Group.Y);

    private static void ThrowDivergent(CpuKernelContext context, int firstLine, int line)
    {
        Index3D group = context.Group;
        Index3D thread = context.Thread;
        string first = firstLine == 0 ? "has ended" : string.Create(CultureInfo.InvariantCulture, $"waits at line {firstLine}");
        string other = line == 0 ? "has ended" : string.Create(CultureInfo.InvariantCulture, $"waits at line {line}");
        throw new KernelFaultException(string.Create(
            CultureInfo.InvariantCulture,
            $"Divergent barrier in kernel {context.KernelName}, group ({group.X}, {group.Y}, {group.Z}): thread (0, 0, 0) {first}, thread ({thread.X}, {thread.Y}, {thread.Z}) {other} ({TKernel.Source.Location})."));
    }
}
