using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Spectre.Console;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels.Host;

namespace Thor.Bench.Commands;

/// <summary>`thor devices`: what this machine can compute on, and which peers are there to measure against.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        Command command = new("devices", "List devices and peer libraries, and say why one is missing.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        Table devices = new Table().AddColumns("device", "what", "memory in use / pooled");
        MemoryStatistics memory = Device.Host.Backend.Statistics;
        devices.AddRow("host", Describe(), $"{memory.InUseBytes >> 20} / {memory.PooledBytes >> 20} MiB");
        AnsiConsole.Write(devices);
        Table peers = new Table().AddColumns("peer", "state");
        peers.AddRow("OpenBLAS", OpenBlas.IsAvailable ? $"found, {OpenBlas.Core} kernels" : $"not found: {OpenBlas.LibraryName} is not on the library path (Debian: apt install libopenblas0-pthread)");
        AnsiConsole.Write(peers);
        return 0;
    }

    private static string Describe()
    {
        string simd = Vector512.IsHardwareAccelerated ? "512-bit SIMD" : Vector256.IsHardwareAccelerated ? "256-bit SIMD" : Vector128.IsHardwareAccelerated ? "128-bit SIMD" : "no SIMD";
        return $"{RuntimeInformation.ProcessArchitecture}, {WorkerPool.Shared.Threads} threads, {simd}, {RuntimeInformation.FrameworkDescription}";
    }
}
