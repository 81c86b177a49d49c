namespace Thor.Kernels.Accelerators;

/// <summary>How the folder of programs is kept from growing for ever.</summary>
internal sealed partial class ProgramCache
{
    private static readonly TimeSpan s_usePrecision = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_longestWrite = TimeSpan.FromHours(1);

    private long _bytesUntilLook;

    /// <summary>Most bytes of all programs together.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    // The time of writing serves as time of use, noted once a day: access times are often not kept.
    private void MarkUsed(string path)
    {
        try
        {
            DateTime now = DateTime.UtcNow;
            if (now - File.GetLastWriteTimeUtc(path) > s_usePrecision)
            {
                File.SetLastWriteTimeUtc(path, now);
            }
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // A folder that may only be read serves all the same.
            LastFailure = unwritable.Message;
        }
    }

    // Listing the folder costs, so it is looked at by the first program that a process writes and when it has written much.
    private void KeepBound(long written)
    {
        if (Interlocked.Add(ref _bytesUntilLook, -written) > 0)
        {
            return;
        }

        Interlocked.Exchange(ref _bytesUntilLook, MaxBytes / 8);
        FileInfo[] files = new DirectoryInfo(Folder).GetFiles("*" + Extension + "*");
        foreach (FileInfo file in files.Where(static file => file.Extension != Extension && DateTime.UtcNow - file.LastWriteTimeUtc > s_longestWrite))
        {
            // What a process that was ended left half written.
            file.Delete();
        }

        FileInfo[] programs = [.. files.Where(static file => file.Extension == Extension).OrderByDescending(static file => file.LastWriteTimeUtc)];
        long total = 0;
        foreach (FileInfo program in programs)
        {
            total += program.Length;
            if (total > MaxBytes)
            {
                program.Delete();
            }
        }
    }
}
