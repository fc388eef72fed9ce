using System.CommandLine;
using System.Globalization;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Options that take a whole number within limits and say so when they get anything else.</summary>
internal static class WholeNumber
{
    /// <summary>An option whose value is null when it is left out.</summary>
    public static Option<int?> Option(string name, string description, int min, int max, string helpName = "N") =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                if (result.Tokens is [var token]
                    && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number >= min && number <= max)
                    return number;
                result.AddError($"{name} takes a whole number from {min} to {max}.");
                return null;
            },
        };
}
