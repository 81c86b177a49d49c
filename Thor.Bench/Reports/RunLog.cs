using System.Text;
using System.Text.Json;

namespace Thor.Bench.Reports;

/// <summary>A log in JSON lines, one object an event, flushed as it is written; safe to read while the run goes on.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly StreamWriter? _writer;

    private RunLog(StreamWriter? writer)
    {
        _writer = writer;
    }

    /// <summary>A log that appends to a file, or goes nowhere for a null path.</summary>
    public static RunLog Open(string? path) =>
        new(path is null ? null : new StreamWriter(path, append: true, new UTF8Encoding(false)) { AutoFlush = true });

    /// <summary>Writes one event; values are strings, numbers, booleans or null. Numbers that are not finite are written as strings.</summary>
    public void Write(string name, params ReadOnlySpan<(string Key, object? Value)> fields)
    {
        if (_writer is null)
        {
            return;
        }

        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            json.WriteString("time", DateTime.UtcNow);
            foreach ((string key, object? value) in fields)
            {
                WriteField(json, key, value);
            }

            json.WriteEndObject();
        }

        _writer.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    public void Dispose() => _writer?.Dispose();

    private static void WriteField(Utf8JsonWriter json, string key, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(key);
                break;
            case bool flag:
                json.WriteBoolean(key, flag);
                break;
            case int number:
                json.WriteNumber(key, number);
                break;
            case long number:
                json.WriteNumber(key, number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(key, number);
                break;
            default:
                json.WriteString(key, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }
}
