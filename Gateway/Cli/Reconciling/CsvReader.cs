using System.Text;

namespace AMA.Gateway.Cli.Reconciling;

/// <summary>Rows of RFC 4180: commas, quotes doubled inside quotes, line ends inside quotes.</summary>
internal sealed class CsvReader(TextReader text)
{
    /// <summary>A field of a trace is an address list or a subject; longer ones are cut.</summary>
    private const int FieldCharsMax = 1 << 20;

    private readonly StringBuilder _field = new();

    /// <summary>Null at the end.</summary>
    public List<string>? Read()
    {
        if (text.Peek() < 0) return null;
        var row = new List<string>();
        var quoted = false;
        while (true)
        {
            var read = text.Read();
            if (read < 0 || (!quoted && read == '\n')) return End(row);
            if (read == '"' && quoted && text.Peek() == '"') Keep((char)text.Read());
            else if (read == '"' && (quoted || _field.Length == 0)) quoted = !quoted;
            else if (!quoted && read == ',') Cut(row);
            else if (quoted || read != '\r') Keep((char)read);
        }
    }

    private List<string> End(List<string> row)
    {
        Cut(row);
        return row;
    }

    private void Cut(List<string> row)
    {
        row.Add(_field.ToString());
        _field.Clear();
    }

    private void Keep(char one)
    {
        if (_field.Length < FieldCharsMax) _field.Append(one);
    }
}
