using System.Runtime.InteropServices;

namespace Thor.Bench.Runs;

/// <summary>Turns Ctrl-C and a request to terminate into a cancellation, so that a run can save itself before the program ends.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        // A second signal ends the program at once.
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
