namespace Thor.Tests.Devices;

/// <summary>A launch that reached <see cref="FakeCuda"/>.</summary>
/// <param name="Module">Text of the module.</param>
/// <param name="Grid">Groups.</param>
/// <param name="Group">Threads of a group.</param>
/// <param name="SharedBytes">Dynamic shared memory.</param>
/// <param name="Stream">The driver's stream.</param>
/// <param name="Arguments">Bytes of each argument.</param>
internal sealed record FakeLaunch(string Module, uint[] Grid, uint[] Group, uint SharedBytes, nint Stream, byte[][] Arguments);
