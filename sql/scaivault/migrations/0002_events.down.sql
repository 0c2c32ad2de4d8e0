DROP TABLE scaivault.delivery_attempts, scaivault.deliveries, scaivault.webhooks, scaivault.subscription_events,
           scaivault.subscriptions, scaivault.event_position, scaivault.events;
