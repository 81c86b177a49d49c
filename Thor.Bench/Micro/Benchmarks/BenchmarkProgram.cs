using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Thor.Bench.Micro.Benchmarks;

/// <summary>Runs the BenchmarkDotNet classes of this folder.</summary>
public static class BenchmarkProgram
{
    private const int WidestParameter = 60; // The default would cut sizes out of names.

    /// <summary>Runs those that match a BenchmarkDotNet pattern, or all of them.</summary>
    internal static int Run(string? pattern)
    {
        // In process: every benchmark shares the worker pool and the peer that the program runs with.
        ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumn(StatisticColumn.Median)
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(WidestParameter))
            .WithOptions(ConfigOptions.JoinSummary);
        BenchmarkSwitcher.FromAssembly(typeof(BenchmarkProgram).Assembly).Run(["--filter", pattern ?? "*"], config);
        return 0;
    }
}
