using Thor.Bench.Peers;

namespace Thor.Bench.Invert;

/// <summary>The peers that tile primitives are measured against, and which of them a cell has.</summary>
internal static class TilePeers
{
    /// <summary>Math.NET Numerics, in managed code.</summary>
    public const string MathNet = "mathnet";

    /// <summary>Our own code for the host, beside an accelerator that is a processor.</summary>
    public const string Host = "host";

    /// <summary>NVIDIA's cuSOLVER and cuBLAS.</summary>
    public const string CuSolver = "cusolver";

    private const string OpenBlasName = "openblas";
    private const string Mkl = "mkl";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [OpenBlasName, Mkl, MathNet, CuSolver, Host];

    /// <summary>Why a peer is not measured; null if it is.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="primitive">What is measured.</param>
    /// <param name="kind">"host" or the kind of an accelerator.</param>
    /// <param name="isProcessor">Whether the device is the host or runs on a processor.</param>
    public static string? Missing(string name, TilePrimitive primitive, string kind, bool isProcessor) => name switch
    {
        CuSolver => kind != "cuda" ? "runs on cuda devices only" : primitive != TilePrimitive.Inverse ? "measured for the inverse only" : Peers.CuSolver.Missing,
        _ when !isProcessor => "works on the host: see the host's rows",
        Host => kind == "host" ? "is what thor is here" : null,
        OpenBlasName => OpenBlas.Missing,
        Mkl => MklLibrary.Handle == 0 ? $"{MklLibrary.Name} was not found" : null,
        _ => primitive != TilePrimitive.Inverse ? "measured for the inverse only" : MathNetMissing,
    };

#if MATHNET
    private static string? MathNetMissing => null;
#else
    private static string? MathNetMissing => "is not part of the single file";
#endif

    /// <summary>A peer that works on the host's memory.</summary>
    public static HostContender Create(string name, HostSets sets) => name switch
    {
        Host => new ThorContender(Host, sets),
        OpenBlasName => new LapackContender(OpenBlasName, new LapackLibrary(OpenBlasLibrary.Handle), sets),
        Mkl => new LapackContender(Mkl, new LapackLibrary(MklLibrary.Handle), sets),
#if MATHNET
        MathNet => new MathNetContender(sets),
#endif
        _ => throw new ArgumentException($"'{name}' does not work on the host's memory.", nameof(name)),
    };
}
