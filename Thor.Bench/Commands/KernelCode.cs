using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;

namespace Thor.Bench.Commands;

/// <summary>Compiles the engine's kernels for a device and tells what became of each.</summary>
internal static class KernelCode
{
    /// <summary>Compiles every variant that is declared; fails if one does not compile.</summary>
    /// <param name="name">The device.</param>
    public static int Show(string name)
    {
        using Accelerator accelerator = DeviceOption.OpenAccelerator(name);
        (KernelSource Kernel, int[] Values)[] variants =
        [
            .. Thor.Kernels.KernelCatalog.All
                .Where(kernel => accelerator is CudaAccelerator || kernel.OpenCL is not null)
                .SelectMany(static kernel => PtxFolder.Variants(kernel).Select(values => (kernel, values))),
        ];
        ConcurrentDictionary<int, string[]> rows = new();
        int failures = 0;
        long start = Stopwatch.GetTimestamp();
        Parallel.For(0, variants.Length, i =>
        {
            (KernelSource kernel, int[] values) = variants[i];
            try
            {
                rows[i] = Describe(accelerator, kernel, values);
            }
            catch (DeviceException failure)
            {
                Interlocked.Increment(ref failures);
                rows[i] = [Title(kernel, values), "–", "–", "–", "–", failure.Message];
            }
        });
        Table table = new Table().AddColumns("kernel", "registers", "shared", "local", "threads", "code");
        foreach (string[] row in rows.OrderBy(static pair => pair.Key).Select(static pair => pair.Value))
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{variants.Length - failures} of {variants.Length} variants compiled for {accelerator.Name} ({accelerator.Properties.DeviceName}) in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s.");
        return failures > 0 ? 1 : 0;
    }

    private static string[] Describe(Accelerator accelerator, KernelSource kernel, int[] values)
    {
        if (accelerator is CudaAccelerator cuda)
        {
            CudaKernelDescription code = cuda.Describe(kernel, values);
            return [Title(kernel, values), Number(code.Registers), Number(code.StaticSharedBytes), Number(code.LocalBytes), Number(code.MaxThreads), code.Road];
        }

        accelerator.Compile(kernel, values);
        return [Title(kernel, values), "–", "–", "–", "–", "compiled"];
    }

    private static string Title(KernelSource kernel, int[] values) =>
        values.Length == 0 ? kernel.Name : $"{kernel.Name} {string.Join(' ', values.Select(static value => value.ToString(CultureInfo.InvariantCulture)))}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
