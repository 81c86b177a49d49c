using static Thor.Kernels.Dialect.Group;
using D = Thor.Kernels.Dialect;

namespace Thor.Tests.Devices;

/// <summary>Helpers that kernels of another file pause in.</summary>
internal static partial class Meeting
{
    public static void Point() => D.Group.Barrier();

    public static void Twice(int round)
    {
        if (round > 1)
        {
            Barrier();
        }

        Point();
    }
}
