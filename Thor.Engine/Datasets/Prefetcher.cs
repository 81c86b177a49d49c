using System.Runtime.ExceptionServices;

namespace Thor.Engine.Datasets;

/// <summary>
/// Makes numbered items in order on one background thread, at most so many ahead of the consumer. An exception of the maker is thrown
/// where its item would have been. Disposing stops the thread, waits for it and disposes the items nobody took.
/// </summary>
internal sealed class Prefetcher<T> : IDisposable
    where T : class, IDisposable
{
    private readonly Func<int, T> _make;
    private readonly int _first;
    private readonly int _end;
    private readonly int _ahead;
    private readonly Queue<T> _ready = new();
    private readonly object _lock = new();
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private bool _stopping;

    /// <summary>Starts making the items first .. end - 1.</summary>
    public Prefetcher(Func<int, T> make, int first, int end, int ahead)
    {
        _make = make;
        _first = first;
        _end = end;
        _ahead = ahead;
        _thread = new Thread(Run) { IsBackground = true, Name = "Thor data" };
        _thread.Start();
    }

    /// <summary>True while the thread runs.</summary>
    public bool IsRunning => _thread.IsAlive;

    /// <summary>The next item, waiting for it. Called at most once for each.</summary>
    public T Next()
    {
        lock (_lock)
        {
            while (_ready.Count == 0 && _failure is null)
            {
                Monitor.Wait(_lock);
            }

            if (_ready.Count == 0)
            {
                _failure!.Throw(); // The wait ends with an item or a failure.
            }

            T item = _ready.Dequeue();
            Monitor.PulseAll(_lock);
            return item;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.PulseAll(_lock);
        }

        _thread.Join();
        while (_ready.TryDequeue(out T? item))
        {
            item.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            for (int index = _first; index < _end && HasRoom(); index++)
            {
                T item = _make(index);
                lock (_lock)
                {
                    _ready.Enqueue(item);
                    Monitor.PulseAll(_lock);
                }
            }
        }
        catch (Exception exception)
        {
            // The edge of a thread: the consumer throws it on.
            lock (_lock)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Waits until an item may be made; false when the consumer is gone.</summary>
    private bool HasRoom()
    {
        lock (_lock)
        {
            while (_ready.Count >= _ahead && !_stopping)
            {
                Monitor.Wait(_lock);
            }

            return !_stopping;
        }
    }
}
