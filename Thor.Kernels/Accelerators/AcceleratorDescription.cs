namespace Thor.Kernels.Accelerators;

/// <summary>One line of what was looked for on this machine: a device, or a kind of device that is not here.</summary>
/// <param name="Name">"cpu", "opencl:0", "cuda:0", or the kind alone where nothing was found.</param>
/// <param name="Properties">What the device is; null where there is none.</param>
/// <param name="Reason">Where there is none: what was looked for, where, and what was wrong.</param>
public sealed record AcceleratorDescription(string Name, AcceleratorProperties? Properties, string? Reason);
