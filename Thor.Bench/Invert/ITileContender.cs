using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>An implementation of a primitive with operands of its own or shared with others that take turns.</summary>
internal interface ITileContender
{
    /// <summary>"thor", where it rounds its input with what to, or the peer's name.</summary>
    string Name { get; }

    /// <summary>True for our own code, which is held to our own bounds.</summary>
    bool IsOurs { get; }

    /// <summary>True if results move parameters with momentum instead of being written; such implementations are measured against each other.</summary>
    bool Updates { get; }

    /// <summary>What the numbers that are multiplied may be rounded to, which widens bounds.</summary>
    MatMulPrecision Precision { get; }

    /// <summary>True if only upper triangles of symmetric results are written.</summary>
    bool WritesTriangle { get; }

    /// <summary>How many sets of operands there are.</summary>
    int Sets { get; }

    /// <summary>Does, or queues, a part of a call.</summary>
    /// <param name="set">Which operands.</param>
    /// <param name="first">First unit of the call.</param>
    /// <param name="units">How many.</param>
    void Run(int set, int first, int units);

    /// <summary>Milliseconds that some parts of calls take until they are done: by the device's clock where it has one of its own.</summary>
    double Milliseconds(Action parts);

    /// <summary>Waits until what is queued is done.</summary>
    void Wait();

    /// <summary>Overwrites the results of a set, so that what is not computed shows. Parameters that results move begin at zero again.</summary>
    void Erase(int set);

    /// <summary>Copies results out.</summary>
    void Read(int set, long offset, Span<float> destination);

    /// <summary>What the latest run says went wrong with its tiles; null if nothing.</summary>
    string? Complaint(int set, int first, int units);
}
